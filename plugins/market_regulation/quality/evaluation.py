"""The rules of one delivery in the database, from its snapshot: which rows break what, and which were seen before.

Works inside the caller's transaction on temporary tables that end with it: ``row_check`` has one line per row that
breaks a rule (or draws a warning), ``row_pair`` is that of ``known_rows``.
"""

import datetime as dt
from dataclasses import dataclass

import psycopg
from psycopg import sql

from market_regulation.quality.known_rows import find_known_rows
from market_regulation.quality.suite import Meta
from market_regulation.sources.contract import Source

UNREADABLE = Meta(
    rule_id="LAND-01", action="quarantine", severity="error",
    reason="该行无法解析（列数不符、引号或编码错误、公式未计算）", advice="请按模板重新生成该行",
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
    connection: psycopg.Connection, source: Source, rows: str, delivery_id: int, day: dt.date, received: int
) -> Counts:
    """Fill the temporary tables for a delivery and count the failures of each rule.

    Args:
        connection: In the transaction of the check.
        source: The contract.
        rows: Table in schema ``quality`` with the judged rows (see ``snapshot``).
        delivery_id: The delivery.
        day: Its business day.
        received: Number of its rows, unreadable ones included.
    """
    connection.execute(
        sql.SQL(
            "create temporary table row_check on commit drop as"
            " select row_no, row_key, failed, warned from {} where failed is not null or warned is not null"
        ).format(sql.Identifier("quality", rows))
    )
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("quality", rows))).fetchone()
    checked = int(row[0] if row else 0)
    if checked < received:
        _add_unreadable(connection, source, delivery_id, day)
    connection.execute("create index on row_check (row_no)")
    connection.execute("analyze row_check")
    find_known_rows(connection, source, rows, delivery_id, day, conflict=CONFLICT.rule_id)
    failed: dict[str, int] = dict(
        connection.execute(
            "select rule_id, count(*) from row_check cross join unnest(failed || warned) as rule_id group by rule_id"
        ).fetchall()
    )
    return Counts(checked, failed)


def _add_unreadable(connection: psycopg.Connection, source: Source, delivery_id: int, day: dt.date) -> None:
    connection.execute(
        sql.SQL(
            "insert into row_check select row_no, null, array[%s]::text[], null from {} where business_day = %s"
            " and delivery_id = %s and _raw is not null"
        ).format(sql.Identifier("landing", source.source)),
        (UNREADABLE.rule_id, day, delivery_id),
    )
