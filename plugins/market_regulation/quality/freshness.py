"""How old the newest event is: a source may deliver every day and have nothing new to say, or deliver nothing."""

import datetime as dt

import psycopg
from psycopg import sql

from market_regulation.sources.contract import Source


def newest_event(connection: psycopg.Connection, source: Source, rows: str, business_day: dt.date) -> dt.date | None:
    """Return the newest value of the contract's freshness column up to the business day; None if there is none.

    Args:
        connection: To the warehouse.
        source: The contract.
        rows: Table in schema ``quality`` with the judged rows (see ``snapshot``); those that break a rule do not count.
        business_day: The delivery's business day.
    """
    row = connection.execute(
        sql.SQL("select max(d.day) from (select {} as day from {} where failed is null) as d where d.day <= %s").format(
            _day(source), sql.Identifier("quality", rows)
        ),
        (business_day,),
    ).fetchone()
    return row[0] if row else None


def staleness(source: Source, newest: dt.date | None, business_day: dt.date) -> str | None:
    """Return a warning if the newest event of a delivery is too old, in calendar days; None if it is not."""
    column, limits = source.freshness.column, source.freshness
    if newest is None:
        return f"no good row has a valid {column} up to the business day"
    age = (business_day - newest).days
    if age <= limits.warn_days:
        return None
    degree = "far too old" if age > limits.error_days else "old"
    bounds = f"{limits.warn_days}/{limits.error_days}"
    return f"the newest {column} is {newest}, {age} days back: {degree} (freshness: {bounds})"


def newest_accepted(connection: psycopg.Connection, source: Source, business_day: dt.date) -> dt.date | None:
    """Return the newest event of all accepted deliveries of business days up to this one; None before the first."""
    row = connection.execute(
        "select max(newest_event) from landing.delivery where source = %s and status = 'loaded' and business_day <= %s",
        (source.source, business_day),
    ).fetchone()
    return row[0] if row else None


def say_promise(connection: psycopg.Connection, source: Source) -> None:
    """Enter what the contract promises of the age of its news, where ``marts.source_freshness`` finds it."""
    promise = (source.title, source.deadline, source.freshness.warn_days, source.freshness.error_days)
    connection.execute(
        """
        insert into quality.source_promise as p (source, title, deadline, warn_days, error_days)
        values (%s, %s, %s, %s, %s)
        on conflict (source) do update
        set title = excluded.title, deadline = excluded.deadline, warn_days = excluded.warn_days,
            error_days = excluded.error_days
        where (p.title, p.deadline, p.warn_days, p.error_days)
              is distinct from (excluded.title, excluded.deadline, excluded.warn_days, excluded.error_days)
        """,
        (source.source, *promise),
    )


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
