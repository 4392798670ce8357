"""How old the newest event is: a source may deliver every day and have nothing new to say, or deliver nothing."""

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
    row = connection.execute(
        sql.SQL("select max(d.day) from (select {} as day from {}) as d where d.day <= %s").format(
            _day(source), sql.Identifier("quality", rows)
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


def newest_accepted(connection: psycopg.Connection, source: Source, business_day: dt.date) -> dt.date | None:
    """Return the newest value of the freshness column over all accepted rows, days after the business day aside.

    Deliveries of the last days are looked at first, all others only when nothing fresh is among them.

    Returns:
        The day; None when no row with a valid one was ever accepted.
    """
    view = sql.Identifier("quality", f"{source.source}_accepted")
    if connection.execute("select to_regclass(%s) is null", (view.as_string(connection),)).fetchone() == (True,):
        return None
    query = sql.SQL(
        "select max(d.day) from (select {} as day from {} where business_day >= %s) as d where d.day <= %s"
    ).format(_day(source), view)
    fresh = business_day - dt.timedelta(days=source.freshness.warn_days)
    for since in (fresh, dt.date.min):
        row = connection.execute(query, (since, business_day)).fetchone()
        newest: dt.date | None = row[0] if row else None
        if newest and newest >= fresh:
            break
    return newest


def _day(source: Source) -> sql.Composable:
    """Return the expression of the day that the freshness column says, over the columns of a view."""
    value = sql.Identifier(freshness_column(source))
    if source.columns[source.freshness.column].type == "date":
        return value
    return sql.SQL("quality.to_date(left({}, 10))").format(value)


def freshness_column(source: Source) -> str:
    """Return the column of a snapshot that tells how new a row is: typed where it is a date, else a text."""
    column = source.freshness.column
    return f"{column}_date" if source.columns[column].type == "date" else column
