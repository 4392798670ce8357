"""The rules of one delivery in the database: one scan finds every failing row with all its reasons.

Works inside the caller's transaction on temporary tables that end with it: ``row_check`` has one line per received
row (key and broken rules), ``row_pair`` one line per row whose key was seen before.
"""

import datetime as dt
from dataclasses import dataclass

import psycopg
from psycopg import sql

from market_regulation.quality.known_rows import find_known_rows
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


def evaluate(
    connection: psycopg.Connection, source: Source, suite: Suite, rows: str, delivery_id: int, day: dt.date
) -> Counts:
    """Fill ``row_check`` and ``row_pair`` for a delivery and count the failures of each rule.

    Args:
        connection: In the transaction of the check.
        source: The contract.
        suite: Its rules.
        rows: Table in schema ``quality`` with the rows of the checked view (see ``snapshot``).
        delivery_id: The delivery.
        day: Its business day.
    """
    _scan(connection, rows, suite)
    connection.execute(
        sql.SQL(
            "insert into row_check select row_no, null, array[%s]::text[], null from {} where business_day = %s"
            " and delivery_id = %s and _raw is not null"
        ).format(sql.Identifier("landing", source.source)),
        (UNREADABLE.rule_id, day, delivery_id),
    )
    connection.execute("create index on row_check (row_no)")
    connection.execute("analyze row_check")
    find_known_rows(connection, source, delivery_id, day, conflict=CONFLICT.rule_id)
    failed: dict[str, int] = dict(
        connection.execute(
            "select rule_id, count(*) from row_check cross join unnest(failed || warned) as rule_id group by rule_id"
        ).fetchall()
    )
    row = connection.execute("select count(*) from row_check").fetchone()
    return Counts(int(row[0] if row else 0) - failed.get(UNREADABLE.rule_id, 0), failed)


def _scan(connection: psycopg.Connection, rows: str, suite: Suite) -> None:
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
        sql.SQL(
            "create temporary table row_check on commit drop as select c.row_no, c.row_key, {} from {} as c"
        ).format(sql.SQL(", ").join(arrays), sql.Identifier("quality", rows))
    )
