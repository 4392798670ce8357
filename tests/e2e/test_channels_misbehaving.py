"""The misbehaving receiver on each transport: whatever it does, in the end 0 missing, 0 extra, 0 applied twice."""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from disclosure_records import DAY, record_id, sha256_of, spot_check
from disclosure_world import CLEAN, World

from market_regulation.disclosure import deliver, plan, receipts, reconcile
from market_regulation.disclosure.channels.contract import ChannelError

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def impatient(each_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait no longer than a test can."""
    monkeypatch.setenv("CHANNEL_TIMEOUT_SECONDS", "0.7")
    monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0.7")


def attempt(*steps: Callable[[], object]) -> None:
    """Do each step as Airflow would: what fails is left to a later run."""
    for step in steps:
        try:
            step()
        except (ChannelError, psycopg.Error):
            return


def run(world: World, day: dt.date = DAY) -> None:
    """One run of the day, whatever the receiver does."""
    plan.plan(day)
    with world.receiving():
        attempt(lambda: deliver.deliver(day), receipts.collect, lambda: reconcile.reconcile(day))
    world.let_time_pass()


def prepare(world: World) -> None:
    """Records to publish, to correct and to withdraw."""
    for number in range(6):
        world.due(f"S{number}")
    world.disclose()
    world.due("S0", spot_check("S0", model="B-2"))
    world.ended("S1", "WITHDRAW", "decision_revoked")
    for number in range(6, 12):
        world.due(f"S{number}")


def assert_right(world: World, day: dt.date = DAY) -> None:
    """The receiver has recovered: everything is there, once."""
    world.misbehave()
    for _ in range(3):
        world.disclose(day)
        world.let_time_pass()
    assert world.disclose(day) == {"match": 11, **CLEAN}
    expected = {f"S{n}": (1, sha256_of(spot_check(f"S{n}"))) for n in range(2, 12)}
    assert world.public() == expected | {"S0": (2, sha256_of(spot_check("S0", model="B-2")))}
    assert world.outbox() == {}
    versions = [(record_id(f"S{n}"), 1) for n in range(12)] + [(record_id("S0"), 2), (record_id("S1"), 2)]
    assert sorted(world.applied()) == sorted(versions)
    assert world.refused() == []
    gaps = "select from disclosure.batch group by left(batch_no, 28) having count(*) <> max(right(batch_no, 4)::int)"
    assert world.publisher.execute(gaps).fetchall() == []


def test_it_drops_receipts(each_world: World) -> None:
    prepare(each_world)
    each_world.misbehave("drop_receipts")
    run(each_world)
    run(each_world)
    assert_right(each_world)


def test_it_sends_receipts_twice_and_out_of_order(each_world: World) -> None:
    prepare(each_world)
    each_world.misbehave("receipts_twice", "receipts_out_of_order")
    run(each_world)
    assert_right(each_world)


def test_it_rejects_at_random(each_world: World) -> None:
    prepare(each_world)
    each_world.misbehave("reject_at_random")
    run(each_world)
    assert each_world.refused() != []
    run(each_world)
    assert_right(each_world)


def test_it_is_down_for_three_business_days(each_world: World) -> None:
    prepare(each_world)
    each_world.misbehave("down")
    for number in range(3):
        day = DAY + dt.timedelta(days=number)
        for table in ("due", "ended"):
            each_world.warehouse.execute(f"update marts.disclosure_{table} set valid_day = %s", [day])
        run(each_world, day)
    assert_right(each_world, DAY + dt.timedelta(days=2))


@pytest.mark.parametrize("each_world", ["sftp_batch", "http_api"], indirect=True)
@pytest.mark.parametrize("fault", ["answer_500", "time_out_after_storing"])
def test_its_server_fails_after_or_before_it_stored(each_world: World, fault: str) -> None:
    prepare(each_world)
    each_world.misbehave(fault)
    run(each_world)
    assert "unknown" in each_world.outbox().values()
    run(each_world)
    assert_right(each_world)
