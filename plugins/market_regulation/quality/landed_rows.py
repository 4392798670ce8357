"""Where the rows of one delivery stand: in a table of their own, or among those of other deliveries of the month."""

import datetime as dt
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import class_row

PLATFORM_COLUMNS = frozenset({"row_no", "business_day", "delivery_id", "submitter", "profile"})


@dataclass(frozen=True)
class LandedRows:
    """The rows of a landed delivery.

    Attributes:
        delivery_id: The delivery.
        business_day: Its business day.
        partition: The partition of the landing table in which they stand, in schema ``landing``.
        blocks: Blocks of that partition if no row of another delivery stands there, else None.
        rows: How many they are.
    """

    delivery_id: int
    business_day: dt.date
    partition: str
    blocks: int | None
    rows: int

    def query(self, part: int = 0, parts: int = 1) -> sql.Composed:
        """Return what stands from ``from`` on in a query of these rows ``l``, or of one of some parts of them."""
        if self.blocks is not None:
            first, last = (f"({self.blocks * cut // parts},0)" for cut in (part, part + 1))
            condition = sql.SQL("l.ctid >= {}::tid").format(sql.Literal(first))
            if part + 1 < parts:
                condition = sql.SQL("{} and l.ctid < {}::tid").format(condition, sql.Literal(last))
        else:
            condition = sql.SQL("l.business_day = {} and l.delivery_id = {}").format(
                sql.Literal(self.business_day), sql.Literal(self.delivery_id)
            )
            if parts > 1:
                condition = sql.SQL("{} and l.row_no > {} and l.row_no <= {}").format(
                    condition,
                    sql.Literal(self.rows * part // parts),
                    sql.Literal(self.rows * (part + 1) // parts),
                )
        return sql.SQL("from {} as l where {}").format(sql.Identifier("landing", self.partition), condition)

    def repeating_columns(self, connection: psycopg.Connection, most_texts: float) -> list[str]:
        """Return the columns that have fewer distinct texts than ``most_texts``, those with most texts first.

        That is what the partition's statistics say.
        """
        rows = connection.execute(
            "with statistic as ("
            " select attname, case when n_distinct < 0 then -n_distinct * %(rows)s else n_distinct end as texts"
            " from pg_stats where schemaname = 'landing' and tablename = %(partition)s)"
            " select attname from statistic where texts < %(most)s order by texts desc, attname",
            {"partition": self.partition, "most": most_texts, "rows": self.rows},
        )
        return [str(row[0]) for row in rows]


def find_rows(connection: psycopg.Connection, source: str, delivery_id: int, day: dt.date, rows: int) -> LandedRows:
    """Return where ``rows`` rows of a delivery landed."""
    with connection.cursor(row_factory=class_row(LandedRows)) as cursor:
        found = cursor.execute(
            "select %(id)s::bigint as delivery_id, %(day)s::date as business_day, %(rows)s::bigint as rows,"
            " p.relname::text as partition,"
            " case when p.relname = format('%%s__d%%s', %(source)s::text, %(id)s::bigint)"
            " then pg_relation_size(p.oid) / current_setting('block_size')::bigint end as blocks"
            " from pg_class as p where p.oid = landing.partition_of(%(source)s, %(day)s, %(id)s)",
            {"id": delivery_id, "day": day, "rows": rows, "source": source},
        ).fetchone()
    if found is None:
        raise LookupError(f"landing.{source} has no partition for {day}")
    return found
