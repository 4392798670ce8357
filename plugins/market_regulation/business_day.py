"""The platform's business day: one row in ``control.business_day``, the only clock that verdicts know."""

import datetime as dt

import psycopg


def get(connection: psycopg.Connection) -> dt.date:
    """Return the business day (a calendar day in Asia/Shanghai)."""
    row = connection.execute("select business_day from control.business_day").fetchone()
    if row is None:
        raise LookupError("control.business_day is empty: set the day with `make day DATE=YYYY-MM-DD`")
    day: dt.date = row[0]
    return day


def set_day(connection: psycopg.Connection, day: dt.date) -> None:
    """Work for ``day`` from now on, knowing what was known on that day. The caller commits."""
    connection.execute(
        "update control.business_day set business_day = %(day)s, known_day = %(day)s, set_at = now()", {"day": day}
    )
