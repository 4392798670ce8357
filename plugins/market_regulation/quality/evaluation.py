"""The rules of one delivery in the database: one scan finds every failing row with all its reasons.

Works inside the caller's transaction on temporary tables that end with it: ``row_check`` has one line per received
row (key and broken rules), ``row_twin`` one line per row that repeats an accepted row.
"""

import datetime as dt
from dataclasses import dataclass

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import key_expression
from market_regulation.quality.predicates import failure
from market_regulation.quality.suite import Meta, Suite
from market_regulation.sources.contract import Source

UNREADABLE = Meta(
    rule_id="LAND-01", action="quarantine", severity="error",
    reason="该行无法解析（列数不符、引号或编码错误）", advice="请按模板重新生成该行",
)  # fmt: skip
CONFLICT = Meta(
    rule_id="LAND-02", action="quarantine", severity="error",
    reason="同一批次内主键相同而内容不同", advice="请核对后只保留一行",
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Rows of one delivery: read by the rules, and failing per rule id."""

    checked: int
    failed: dict[str, int]


def choose_delivery(connection: psycopg.Connection, delivery_id: int, business_day: dt.date) -> None:
    """Let the checked view show this delivery for the rest of the transaction."""
    connection.execute(
        "select set_config('market_regulation.delivery_id', %s, true), set_config('market_regulation.business_day', %s, true)",
        (str(delivery_id), business_day.isoformat()),
    )


def evaluate(connection: psycopg.Connection, source: Source, suite: Suite, delivery_id: int, day: dt.date) -> Counts:
    """Fill ``row_check`` and ``row_twin`` for the chosen delivery and count the failures of each rule."""
    _scan(connection, source, suite)
    connection.execute(
        sql.SQL(
            "insert into row_check select row_no, null, array[%s]::text[], null from {} where business_day = %s"
            " and delivery_id = %s and _raw is not null"
        ).format(sql.Identifier("landing", source.source)),
        (UNREADABLE.rule_id, day, delivery_id),
    )
    connection.execute("create index on row_check (row_no)")
    connection.execute("analyze row_check")
    _find_twins(connection, source, suite, delivery_id, day)
    failed = dict(
        connection.execute(
            "select rule_id, count(*) from row_check cross join unnest(failed || warned) as rule_id group by rule_id"
        ).fetchall()
    )
    row = connection.execute("select count(*) from row_check").fetchone()
    return Counts(int(row[0] if row else 0) - failed.get(UNREADABLE.rule_id, 0), failed)


def _scan(connection: psycopg.Connection, source: Source, suite: Suite) -> None:
    """Write one line per parsable row: its key, the rules whose failure rejects it, and those that only warn."""
    arrays = []
    for name, warns in (("failed", False), ("warned", True)):
        rules = [rule for rule in suite.expectations if (rule.meta.action == "warn") == warns]
        conditions = [failure(rule, "c") for rule in rules]
        if not rules:
            arrays.append(sql.SQL("null::text[] as {}").format(sql.Identifier(name)))
            continue
        ids = sql.SQL(", ").join(
            sql.SQL("case when {} then {} end").format(condition, sql.Literal(rule.meta.rule_id))
            for rule, condition in zip(rules, conditions, strict=True)
        )
        arrays.append(
            sql.SQL("case when {} then array_remove(array[{}]::text[], null) end as {}").format(
                sql.SQL(" or ").join(conditions), ids, sql.Identifier(name)
            )
        )
    connection.execute(
        sql.SQL("create temporary table row_check on commit drop as select c.row_no, c.source_key, {} from {} as c").format(
            sql.SQL(", ").join(arrays), sql.Identifier("quality", f"{source.source}_checked")
        )
    )


def _find_twins(connection: psycopg.Connection, source: Source, suite: Suite, delivery_id: int, day: dt.date) -> None:
    """Compare rows that pass with accepted rows of the same key: equal ones are duplicates.

    Within the delivery the first row of a key stands; a later row of other content breaks LAND-02. Across deliveries
    the latest accepted row counts, so a value that goes back to an older one is news.
    """
    connection.execute(
        """
        create temporary table row_twin on commit drop as
        select r.row_no, f.first_row_no as same_as_row_no, %s::bigint as same_as_delivery_id, %s::date as same_as_day
        from (select source_key, min(row_no) as first_row_no from row_check
              where failed is null and source_key is not null group by source_key having count(*) > 1) as f
        join row_check as r on r.source_key = f.source_key and r.failed is null and r.row_no > f.first_row_no
        """,
        (delivery_id, day),
    )
    unequal = sql.SQL(
        "select t.row_no from row_twin as t"
        " join {canonical} as n on n.delivery_id = %(id)s and n.business_day = %(day)s and n.row_no = t.row_no"
        " join {canonical} as o on o.delivery_id = %(id)s and o.business_day = %(day)s and o.row_no = t.same_as_row_no"
        " where ({new}) is distinct from ({old})"
    ).format(**_comparison(source))
    connection.execute(
        sql.SQL(
            "with conflict as (delete from row_twin where row_no in ({}) returning row_no)"
            " update row_check as r set failed = array[%(rule)s] from conflict where conflict.row_no = r.row_no"
        ).format(unequal),
        {"id": delivery_id, "day": day, "rule": CONFLICT.rule_id},
    )
    _find_known_rows(connection, source, delivery_id, day)


def _find_known_rows(connection: psycopg.Connection, source: Source, delivery_id: int, day: dt.date) -> None:
    """Add to ``row_twin`` the first rows of their key that equal the latest accepted row of an earlier delivery."""
    table = sql.Identifier("landing", source.source)
    new = sql.SQL(", ").join(sql.Identifier("n", name) for name in source.columns)
    old = sql.SQL(", ").join(sql.Identifier("o", name) for name in source.columns)
    connection.execute(
        sql.SQL(
            """
            create temporary table row_known on commit drop as
            select distinct on (r.row_no) r.row_no, l.delivery_id, l.row_no as known_row_no, l.business_day
            from row_check as r
            join {table} as l
              on hashtextextended({key}, 0) = hashtextextended(r.source_key, 0) and {key} = r.source_key
            join landing.delivery as d on d.delivery_id = l.delivery_id and d.status = 'loaded'
            where r.failed is null and l._raw is null and l.delivery_id <> %(id)s
              and not exists (select from row_twin as t where t.row_no = r.row_no)
              and not exists (select from quality.quarantine as q where q.delivery_id = l.delivery_id and q.row_no = l.row_no)
              and not exists (select from landing.duplicate as s where s.delivery_id = l.delivery_id and s.row_no = l.row_no)
            order by r.row_no, l.delivery_id desc, l.row_no desc
            """
        ).format(table=table, key=key_expression(source, "l")),
        {"id": delivery_id},
    )
    connection.execute("analyze row_known")
    connection.execute(
        sql.SQL(
            """
            insert into row_twin
            select k.row_no, k.known_row_no, k.delivery_id, k.business_day
            from row_known as k
            join {table} as n on n.business_day = %(day)s and n.delivery_id = %(id)s and n.row_no = k.row_no
            join {table} as o on o.business_day = k.business_day and o.delivery_id = k.delivery_id and o.row_no = k.known_row_no
            where ({new}) is not distinct from ({old})
            """
        ).format(table=table, new=new, old=old),
        {"id": delivery_id, "day": day},
    )
