"""How old the newest event of a delivery is: a source may deliver every day and still have nothing new to say."""

import datetime as dt

import psycopg
from psycopg import sql

from market_regulation.sources.contract import Source


def staleness(connection: psycopg.Connection, source: Source, rows: str, business_day: dt.date) -> str | None:
    """Return a warning if the newest value of the contract's freshness column is too old; None if it is not.

    Ages are calendar days before the business day; days after it do not count.

    Args:
        connection: To the warehouse.
        source: The contract.
        rows: Table in schema ``quality`` with the rows of the checked view (see ``snapshot``).
        business_day: The delivery's business day.
    """
    column, limits = source.freshness.column, source.freshness
    value: sql.Composable = sql.Identifier(freshness_column(source))
    if source.columns[column].type != "date":
        value = sql.SQL("quality.to_date(left({}, 10))").format(value)
    row = connection.execute(
        sql.SQL("select max(d.day) from (select {} as day from {}) as d where d.day <= %s").format(
            value, sql.Identifier("quality", rows)
        ),
        (business_day,),
    ).fetchone()
    newest: dt.date | None = row[0] if row else None
    if newest is None:
        return f"no row has a valid {column} up to the business day"
    age = (business_day - newest).days
    if age <= limits.warn_days:
        return None
    degree = "far too old" if age > limits.error_days else "old"
    bounds = f"{limits.warn_days}/{limits.error_days}"
    return f"the newest {column} is {newest}, {age} days back: {degree} (freshness: {bounds})"


def freshness_column(source: Source) -> str:
    """Return the column of a snapshot that tells how new a row is: typed where it is a date, else a text."""
    column = source.freshness.column
    return f"{column}_date" if source.columns[column].type == "date" else column
