"""Working days for planting cases, counted one by one with the chinesecalendar library.

Kept apart from the platform's calendar on purpose: the answer key must not share its arithmetic.
"""

import datetime as dt

import chinese_calendar

ONE_DAY = dt.timedelta(days=1)


def is_working_day(day: dt.date) -> bool:
    """Tell whether ``day`` is a working day.

    Beyond the published calendar only week-ends and the holidays of fixed date are free.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.isoweekday() < 6 and (day.month, day.day) not in {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def working_day_from(day: dt.date) -> dt.date:
    """``day`` itself if it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def working_day_after(day: dt.date) -> dt.date:
    """First working day after ``day``."""
    return working_day_from(day + ONE_DAY)


def objection_window_end(served_on: dt.date, days: int = 15) -> dt.date:
    """Last day for an objection to a spot check (产品质量法 art. 15): 15 calendar days after service.

    The day of service does not count (民法典 art. 201); a last day that is no working day moves on (art. 203).
    """
    return working_day_from(served_on + dt.timedelta(days=days))
