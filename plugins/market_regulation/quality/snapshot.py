"""The rows of one delivery, read and judged, in an unlogged table of their own while the delivery is checked.

Great Expectations and our own SQL read the same rows several times, in several sessions. The table has what they need
and no more: ``row_no``, the columns that native rules and freshness speak of as the checked view shows them, a boolean
per computed rule, ``failed`` and ``warned`` with the ids of the broken rules (null for a good row), ``key_hash``
(hashtextextended of the row key) and, of a row that breaks a rule, the ``row_key``.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.quality.distinct_texts import drop_texts, gather
from market_regulation.quality.judging import judging_query, needed_columns
from market_regulation.quality.landed_rows import LandedRows
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Source

MANY_ROWS = 50_000  # from here on two sessions work, and texts that repeat are judged once
SESSIONS = 2


def take_snapshot(source: Source, suite: Suite, profile_name: str, rows: LandedRows) -> str:
    """Make the table of a landed delivery in schema ``quality``; return its name.

    It is committed at once, for other sessions to read. The transaction that ends the check drops it; one that was
    left by a killed check is replaced by the next check of the delivery.
    """
    name = f"{source.source}_check_{rows.delivery_id}"
    table = sql.Identifier("quality", name)
    parts = SESSIONS if rows.rows >= MANY_ROWS else 1
    texts = gather(source, suite, profile_name, needed_columns(source, suite), rows) if parts > 1 else None
    queries = [judging_query(source, suite, profile_name, texts, rows.query(part, parts)) for part in range(parts)]
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(sql.SQL("drop table if exists {}").format(table))
        connection.execute(sql.SQL("create unlogged table {} as {} with no data").format(table, queries[0]))
    with ThreadPoolExecutor(parts) as sessions:
        list(sessions.map(_execute, [sql.SQL("insert into {} {}").format(table, query) for query in queries]))
    if texts:
        with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
            drop_texts(connection, texts)
    return name


def drop_snapshot(connection: psycopg.Connection, name: str) -> None:
    """Drop the table of a snapshot as part of the caller's transaction."""
    connection.execute(sql.SQL("drop table {}").format(sql.Identifier("quality", name)))


def _execute(statement: sql.Composed) -> None:
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(statement)
