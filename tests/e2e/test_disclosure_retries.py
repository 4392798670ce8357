"""The clock of the retry schedule: whether anything is due to be tried again."""

import psycopg
import pytest
from disclosure_records import DAY, spot_check
from disclosure_world import World

from market_regulation.disclosure import deliver, plan, retries
from market_regulation.disclosure.channels.exchange_db import ExchangeDb

pytestmark = pytest.mark.e2e


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that does not answer."""

    def fail(*_: object) -> None:
        raise psycopg.OperationalError("the exchange is away")

    monkeypatch.setattr(ExchangeDb, "write", fail)


def test_a_day_that_is_done_has_nothing_to_try_again(world: World) -> None:
    assert retries.due() == []
    world.due("S1")
    world.due("S2", spot_check("S2", product_name="玩具 13812345678"))
    world.disclose()
    assert list(world.outbox().values()) == ["rejected"]
    world.let_time_pass()
    assert retries.due() == []


def test_rows_that_no_run_took_are_due_on_an_enabled_channel(world: World) -> None:
    world.due("S1")
    plan.plan(DAY)
    assert retries.due() == ["gsxt"]
    world.admin_warehouse.execute("update disclosure.channel set enabled = false")
    assert retries.due() == []


@pytest.mark.usefixtures("away")
def test_a_batch_whose_outcome_is_unknown_is_due_after_its_wait_with_all_that_waits_behind_it(world: World) -> None:
    world.due("S1")
    plan.plan(DAY)
    with pytest.raises(psycopg.OperationalError):
        deliver.deliver(DAY)
    world.due("S2")
    plan.plan(DAY)
    assert retries.due() == []
    world.let_time_pass()
    assert retries.due() == ["gsxt"]


@pytest.mark.usefixtures("away")
def test_a_withdrawal_behind_an_unknown_batch_does_not_wait(world: World) -> None:
    world.due("S1")
    plan.plan(DAY)
    with pytest.raises(psycopg.OperationalError):
        deliver.deliver(DAY)
    world.ended("S1", "WITHDRAW", "decision_revoked")
    plan.plan(DAY)
    assert retries.due() == ["gsxt"]


def test_an_answer_that_is_overdue_is_due_and_a_correction_that_waits_for_it_is_not(world: World) -> None:
    world.due("S1")
    world.send()
    world.due("S1", spot_check("S1", model="B-2"))
    world.send()
    assert sorted(world.outbox().values()) == ["queued", "sent"]
    assert retries.due() == []
    world.let_time_pass()
    assert retries.due() == ["gsxt"]


def test_a_refused_row_is_due_after_its_wait(world: World) -> None:
    world.due("S1")
    plan.plan(DAY)
    world.admin_exchange.execute("alter table outbound.spot_check add constraint closed check (false)")
    try:
        assert deliver.deliver(DAY).refused == 1
    finally:
        world.admin_exchange.execute("alter table outbound.spot_check drop constraint closed")
    assert retries.due() == []
    world.let_time_pass()
    assert retries.due() == ["gsxt"]
