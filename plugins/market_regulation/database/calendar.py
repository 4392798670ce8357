"""Official working days (国务院办公厅节假日安排) as rows, from the library that publishes them.

Beyond the published calendar only week-ends and the statutory fixed-date holidays (全国年节及纪念日放假办法
art. 2: 1 January, 1 to 2 May, 1 to 3 October) are known, so those days carry ``is_provisional``.
"""

import datetime as dt
from collections.abc import Iterator

import chinese_calendar
import psycopg

FIRST = dt.date(2004, 1, 1)
LAST = dt.date(2050, 12, 31)
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def published_until() -> dt.date:
    """Last day covered by the published calendar."""
    return dt.date(max(day.year for day in chinese_calendar.holidays), 12, 31)


def days() -> Iterator[tuple[dt.date, bool, bool]]:
    """Yield (day, is working day, is provisional) for every day from 2004 to 2050."""
    end = published_until()
    day = FIRST
    while day <= LAST:
        if day <= end:
            yield day, bool(chinese_calendar.is_workday(day)), False
        else:
            yield day, day.isoweekday() < 6 and (day.month, day.day) not in FIXED_HOLIDAYS, True
        day += dt.timedelta(days=1)


def load_calendar(connection: psycopg.Connection) -> None:
    """Fill ``control.calendar_day``, rewriting only days whose reading changed with a newer calendar."""
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table calendar_in (calendar_date date, is_working_day boolean, is_provisional boolean)"
            " on commit drop"
        )
        with cursor.copy("copy calendar_in from stdin") as copy:
            for row in days():
                copy.write_row(row)
        cursor.execute(
            """
            insert into control.calendar_day as c select * from calendar_in
            on conflict (calendar_date) do update
               set is_working_day = excluded.is_working_day, is_provisional = excluded.is_provisional
             where (c.is_working_day, c.is_provisional) is distinct from
                   (excluded.is_working_day, excluded.is_provisional)
            """
        )
