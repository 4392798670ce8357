"""The keys of a source's accepted rows, ``quality.<source>_key``: how a delivery finds the rows it repeats.

One narrow line per accepted row, written when its delivery is settled: an index on the key in the landing table itself
would be written row by row during COPY and take longer than the rest of it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import canonical_column, joined_key
from market_regulation.sources.contract import Source

FEW_KEYS = 50_000


def key_table(source: Source) -> sql.Identifier:
    """Return the name of the table: ``key_hash`` (hashtextextended of the row key), ``business_day`` and the row."""
    return sql.Identifier("quality", f"{source.source}_key")


def ensure_keys(connection: psycopg.Connection, source: Source) -> None:
    """Make the table, anew when the key is read differently than it was; the views must exist. The caller commits."""
    table = key_table(source)
    reading = [canonical_column(source, name, "l", sql.Identifier("d", "profile")) for name in source.key]
    text = sql.SQL(" ").join([*reading, joined_key(source, "c")]).as_string(connection)
    mark = hashlib.sha256(text.encode()).hexdigest()
    row = connection.execute(
        "select obj_description(to_regclass(%s), 'pg_class')", (table.as_string(connection),)
    ).fetchone()
    if row and row[0] == mark:
        return
    connection.execute(sql.SQL("drop table if exists {}").format(table))
    connection.execute(
        sql.SQL(
            "create table {} (key_hash bigint not null, business_day date not null, delivery_id bigint not null,"
            " row_no bigint not null)"
        ).format(table)
    )
    connection.execute(
        sql.SQL(
            "insert into {} select hashtextextended(row_key, 0), business_day, delivery_id, row_no from {}"
            " where row_key is not null"
        ).format(table, sql.Identifier("quality", f"{source.source}_accepted"))
    )
    _make_index(connection, source)
    connection.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(mark)))


@contextmanager
def bulk_loading(connection: psycopg.Connection, source: Source, rows: str) -> Iterator[None]:
    """Build the index anew afterwards if the block adds more keys than are known; the caller commits.

    Adding them to the index one by one would take three times as long. ``rows`` is the snapshot they come from.
    """
    known = connection.execute(
        "select k.reltuples, s.reltuples from pg_class as k, pg_class as s where k.oid = %s::regclass"
        " and s.oid = format('quality.%%I', %s::text)::regclass",
        (key_table(source).as_string(connection), rows),
    ).fetchone()
    outnumbered = known is not None and known[1] > max(known[0], FEW_KEYS)
    if outnumbered:
        connection.execute(sql.SQL("drop index quality.{}").format(_index(source)))
    yield
    if outnumbered:
        _make_index(connection, source)
        connection.execute(sql.SQL("analyze {} (key_hash)").format(key_table(source)))


def _make_index(connection: psycopg.Connection, source: Source) -> None:
    connection.execute(sql.SQL("create index {} on {} (key_hash)").format(_index(source), key_table(source)))


def _index(source: Source) -> sql.Identifier:
    return sql.Identifier(f"{source.source}_key_key_hash_idx")
