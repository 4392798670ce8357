"""The rows of one delivery, read and judged, in an unlogged table of their own while the delivery is checked.

Great Expectations and our own SQL read the same rows several times, in several sessions. The table has what they need
and no more: ``row_no``, the columns that native rules and freshness speak of as the checked view shows them, a boolean
per computed rule, ``failed`` and ``warned`` with the ids of the broken rules (null for a good row), ``key_hash``
(hashtextextended of the row key) and, of a row that breaks a rule, the ``row_key``.
"""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.quality.distinct_texts import decide_on_distinct_texts
from market_regulation.quality.judging import KnownBad, judging_query
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Source

MANY_ROWS = 50_000  # from here on two sessions work, and rules are decided on distinct texts
SESSIONS = 2


def take_snapshot(
    source: Source, suite: Suite, profile_name: str, delivery_id: int, business_day: dt.date, rows: int
) -> str:
    """Make the table of a landed delivery of ``rows`` rows in schema ``quality``; return its name.

    It is committed at once, for other sessions to read. The transaction that ends the check drops it; one that was
    left by a killed check is replaced by the next check of the delivery.
    """
    name = f"{source.source}_check_{delivery_id}"
    table = sql.Identifier("quality", name)
    known_bad: KnownBad = {}
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        if rows >= MANY_ROWS:
            known_bad = decide_on_distinct_texts(connection, source, suite, profile_name, delivery_id, business_day)
        queries = [
            judging_query(source, suite, profile_name, known_bad, part)
            for part in _parts(delivery_id, business_day, rows)
        ]
        connection.execute(sql.SQL("drop table if exists {}").format(table))
        connection.execute(sql.SQL("create unlogged table {} as {} with no data").format(table, queries[0]))
    with ThreadPoolExecutor(SESSIONS) as sessions:
        list(sessions.map(_execute, [sql.SQL("insert into {} {}").format(table, query) for query in queries]))
    return name


def drop_snapshot(connection: psycopg.Connection, name: str) -> None:
    """Drop the table of a snapshot as part of the caller's transaction."""
    connection.execute(sql.SQL("drop table {}").format(sql.Identifier("quality", name)))


def _parts(delivery_id: int, business_day: dt.date, rows: int) -> list[sql.Composed]:
    """Return the landed rows that each session takes, as conditions on the landing table ``l``."""
    sessions = SESSIONS if rows >= MANY_ROWS else 1
    bounds = [rows * part // sessions for part in range(sessions + 1)]
    return [
        sql.SQL("l.business_day = {} and l.delivery_id = {} and l.row_no > {} and l.row_no <= {}").format(
            sql.Literal(business_day), sql.Literal(delivery_id), sql.Literal(first), sql.Literal(last)
        )
        for first, last in pairwise(bounds)
    ]


def _execute(statement: sql.Composed) -> None:
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(statement)
