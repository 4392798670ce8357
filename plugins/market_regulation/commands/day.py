"""``make day``: set the business day."""

import argparse
import datetime as dt
from zoneinfo import ZoneInfo

import psycopg

from market_regulation import business_day, settings
from market_regulation.embedded import postgres


def main(arguments: list[str]) -> int:
    """Set the day given, or today in Asia/Shanghai."""
    parser = argparse.ArgumentParser(prog="day", description=__doc__)
    today = dt.datetime.now(ZoneInfo(settings.TIME_ZONE)).date()
    parser.add_argument("--date", type=dt.date.fromisoformat, default=today, help="YYYY-MM-DD (default: today)")
    day = parser.parse_args(arguments).date
    set_business_day(day)
    print(f"Business day: {day}")
    return 0


def set_business_day(day: dt.date) -> None:
    """Let the platform work for ``day``; starts the embedded PostgreSQL when it is down.

    Raises:
        psycopg.Error: The database cannot be reached.
    """
    if not postgres.is_running():
        postgres.start()
    with psycopg.connect(settings.dsn("warehouse", "owner")) as connection:
        business_day.set_day(connection, day)
