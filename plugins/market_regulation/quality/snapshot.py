"""The checked view of one delivery, computed once into a table of its own while the delivery is checked.

The rules and Great Expectations read the same rows several times, the latter in sessions of its own; reading the
texts and computing the rules again for each statement took most of the time of a check.
"""

import datetime as dt

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.sources.contract import Source


def take_snapshot(source: Source, delivery_id: int, business_day: dt.date) -> str:
    """Make an unlogged table in schema ``quality`` with what the checked view shows of the delivery; return its name.

    It is committed at once, for other sessions to read. The transaction that ends the check drops it; one that was
    left by a killed check is replaced by the next check of the delivery.
    """
    name = f"{source.source}_check_{delivery_id}"
    table = sql.Identifier("quality", name)
    view = sql.Identifier("quality", f"{source.source}_checked")
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(
            "select set_config('market_regulation.delivery_id', %s, true),"
            " set_config('market_regulation.business_day', %s, true)",
            (str(delivery_id), business_day.isoformat()),
        )
        connection.execute(sql.SQL("drop table if exists {}").format(table))
        connection.execute(sql.SQL("create unlogged table {} as select * from {}").format(table, view))
        connection.execute(sql.SQL("analyze {}").format(table))
    return name


def drop_snapshot(connection: psycopg.Connection, name: str) -> None:
    """Drop the table of a snapshot as part of the caller's transaction."""
    connection.execute(sql.SQL("drop table {}").format(sql.Identifier("quality", name)))
