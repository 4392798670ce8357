"""The keys of a source's accepted rows, ``quality.<source>_key``: how a delivery finds the rows it repeats.

One narrow line per accepted row, written in the order of the hashes when its delivery is settled: an index on the key
in the landing table itself would be written row by row during COPY and take longer than the rest of it.
"""

import hashlib

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import canonical_column, joined_key
from market_regulation.sources.contract import Source


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
            " where row_key is not null order by 1"
        ).format(table, sql.Identifier("quality", f"{source.source}_accepted"))
    )
    connection.execute(sql.SQL("create index on {} (key_hash)").format(table))
    connection.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(mark)))
