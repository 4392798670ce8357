"""Alarms at half of the legal time and before its end, to the office that handles the case."""

import datetime as dt
import logging
from collections.abc import Iterator

import pytest
from disclosure_records import DAY, record_id
from disclosure_world import World

from market_regulation import business_day
from market_regulation.disclosure import deadlines, plan

pytestmark = pytest.mark.e2e

WORKLIST = """
create table if not exists marts.disclosure_worklist (
    record_id text, channel text, state text, due_on date, owner text, known_on date
)
"""


@pytest.fixture
def worklist(world: World) -> Iterator[World]:
    world.warehouse.execute(WORKLIST)
    yield world
    world.warehouse.execute("drop table marts.disclosure_worklist")


def alarms_on(world: World, day: dt.date) -> dict[str, str]:
    """Alarm of each record on a business day."""
    with world.admin_warehouse.transaction():
        business_day.set_day(world.admin_warehouse, day)
    return {alarm.record_id: alarm.alarm for alarm in deadlines.near()}


@pytest.mark.parametrize(
    ("day", "alarm"),
    [
        ("2026-03-20", None),  # 4 of 10 working days are over
        ("2026-03-23", "half"),
        ("2026-03-26", "half"),
        ("2026-03-27", "last"),  # Friday, due on Monday
        ("2026-03-28", "last"),
        ("2026-03-30", "last"),
        ("2026-03-31", "overdue"),
    ],
)
def test_a_sending_without_an_answer_alarms_at_half_time_and_before_the_end(
    worklist: World, day: str, alarm: str | None
) -> None:
    worklist.due("S1", due_on=dt.date(2026, 3, 30))
    worklist.send(DAY)
    assert alarms_on(worklist, dt.date.fromisoformat(day)).get(record_id("S1")) == alarm


def test_a_withdrawal_has_the_days_of_its_reason(worklist: World) -> None:
    """Three working days after the revocation (order 45 art. 11), whatever the due day of what it withdraws."""
    worklist.due("S1", due_on=dt.date(2026, 12, 30))
    worklist.disclose()
    worklist.ended("S1", "WITHDRAW", "decision_revoked")
    worklist.warehouse.execute("update marts.disclosure_ended set due_on = '2026-03-19'")
    plan.plan(DAY)
    days = {day: alarms_on(worklist, DAY + dt.timedelta(days=day)).get(record_id("S1")) for day in range(5)}
    assert days == {0: None, 1: None, 2: "last", 3: "last", 4: "overdue"}


@pytest.mark.parametrize("state", ["DUE", "HELD"])
@pytest.mark.parametrize(("day", "alarm"), [("2026-03-20", None), ("2026-03-23", "half"), ("2026-03-27", "last")])
def test_what_was_never_sent_alarms_at_half_of_the_time_since_it_became_known(
    worklist: World, state: str, day: str, alarm: str | None
) -> None:
    worklist.warehouse.execute(
        "insert into marts.disclosure_worklist values ('S1', 'gsxt', %s, '2026-03-30', 'x', '2026-03-16')", [state]
    )
    assert alarms_on(worklist, dt.date.fromisoformat(day)).get("S1") == alarm


def test_what_is_settled_is_silent_and_what_is_held_is_not(worklist: World, caplog: pytest.LogCaptureFixture) -> None:
    worklist.due("S1", due_on=dt.date(2026, 3, 30))
    worklist.disclose()
    worklist.warehouse.execute(
        "insert into marts.disclosure_worklist values ('held-1', 'gsxt', 'HELD', '2026-03-30', '浦东局执法科'),"
        " ('later', 'gsxt', 'HELD', '2026-09-30', '浦东局执法科'), (null, null, 'QUARANTINED', null, 'x')"
    )
    assert alarms_on(worklist, dt.date(2026, 3, 27)) == {"held-1": "last"}
    logged = [r for r in caplog.records if "held-1" in r.getMessage()]
    assert [(r.levelno, "浦东局执法科" in r.getMessage()) for r in logged] == [(logging.ERROR, True)]


def test_without_a_work_list_the_outbox_alone_is_asked(world: World) -> None:
    world.due("S1", due_on=dt.date(2026, 3, 30))
    world.send(DAY)
    assert alarms_on(world, dt.date(2026, 3, 31)) == {record_id("S1"): "overdue"}
