"""Alarms before a legal deadline passes: at half of the time and before its end, to the office that handles a case."""

import datetime as dt
import logging
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from market_regulation import settings

log = logging.getLogger(__name__)

_NEAR = Path(__file__).with_name("deadlines.sql").read_text("utf-8")
_WORKLIST = "marts.disclosure_worklist"
_NO_WORKLIST = """(
    select null::text as record_id, null::text as channel, null::text as state, null::date as due_on,
        null::date as known_on, null::text as owner
    where false
)"""


class Alarm(NamedTuple):
    """One record that nears its due date; ``alarm`` is half, last or overdue; nothing in it is personal data."""

    owner: str
    channel: str
    record_id: str
    state: str
    due_on: dt.date
    alarm: str


def near() -> list[Alarm]:
    """Return what nears its due date on the business day, most urgent first, and log each as an error.

    Raises:
        psycopg.Error: The warehouse cannot be read.
    """
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        ((is_built,),) = connection.execute("select to_regclass(%s) is not null", [_WORKLIST]).fetchall()
        query = _NEAR.replace("{worklist}", _WORKLIST if is_built else _NO_WORKLIST)
        with connection.cursor(row_factory=class_row(Alarm)) as cursor:
            alarms = cursor.execute(query.encode()).fetchall()
    for one in alarms:
        log.error(
            "%s: record %s is due on %s on %s and %s: %s", one.owner, one.record_id, one.due_on, one.channel,
            one.state, one.alarm,
        )  # fmt: skip
    return alarms
