"""Nothing is planned from marts that do not speak of this day, nor by two plans at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from disclosure_records import DAY
from disclosure_world import World

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.disclosure import plan

pytestmark = pytest.mark.e2e


class TestReadiness:
    """Nothing is planned from marts that do not speak of this day."""

    def test_marts_of_another_day(self, world: World) -> None:
        world.due("S1", day=DAY - dt.timedelta(days=1))

        with pytest.raises(
            plan.MartsNotReadyError, match=r"disclosure_due was built for 2026-03-15, not for 2026-03-16"
        ):
            plan.plan(DAY)

        assert world.ledger() == []

    @pytest.mark.parametrize("status", ["fail", "error", "skipped"])
    def test_a_build_that_failed(self, world: World, status: str) -> None:
        world.due("S1")
        lease.take(world.publisher, "dbt")
        world.publisher.commit()
        world.publisher.execute("update control.lease set taken_by = 'r1' where lease_name = 'dbt'")
        _say(world, "r1", "model.a", "success")
        _say(world, "r1", "test.x", status)

        with pytest.raises(plan.MartsNotReadyError, match=rf"run r1, did not end well \(test\.x: {status}\)"):
            plan.plan(DAY)

        _say(world, "r1", "test.x", "pass")
        assert plan.plan(DAY).operations == {"UPSERT": 1}

    def test_a_build_that_died_or_has_not_been_judged(self, world: World) -> None:
        world.due("S1")
        _say(world, "r1", "model.a", "success")
        lease.take(world.publisher, "dbt")
        world.publisher.commit()
        world.publisher.execute("update control.lease set taken_by = 'r2' where lease_name = 'dbt'")

        with pytest.raises(plan.MartsNotReadyError, match=r"run r2, did not end well \(the build: no results\)"):
            plan.plan(DAY)

        world.publisher.execute("update control.lease set taken_by = 'r1' where lease_name = 'dbt'")
        with pytest.raises(plan.MartsNotReadyError, match=r"model\.a: success"):  # said before this build began
            plan.plan(DAY)

    def test_a_build_that_is_running_is_waited_for(self, world: World) -> None:
        world.due("S1")
        world.admin_warehouse.execute("insert into control.lease (lease_name, taken_by) values ('dbt', 'r1')")
        _say(world, "r1", "model.a", "success")
        with psycopg.connect(settings.dsn("warehouse", "transformer")) as building:
            building.execute("select from control.lease where lease_name = 'dbt' for update")
            with ThreadPoolExecutor() as pool:
                planned = pool.submit(plan.plan, DAY)
                with pytest.raises(TimeoutError):
                    planned.result(timeout=0.5)
                building.rollback()
                assert planned.result().operations == {"UPSERT": 1}

    def test_no_marts_at_all(self, world: World) -> None:
        world.warehouse.execute("drop table marts.disclosure_due")

        with pytest.raises(plan.MartsNotReadyError, match="make build"):
            plan.plan(DAY)


def test_of_two_plans_at_once_the_first_writes_nothing_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        world.due(f"S{number}")
    monkeypatch.setattr(plan, "BATCH", 2)
    hold, calls = lease.hold, []

    def overtaken(connection: psycopg.Connection, name: str, token: int) -> None:
        calls.append(name)
        if len(calls) == 3:  # the questions, the first batch, and before the second batch another plan starts
            lease.take(world.publisher, "plan")
            world.publisher.commit()
        hold(connection, name, token)

    monkeypatch.setattr(lease, "hold", overtaken)
    with pytest.raises(lease.StaleLeaseError):
        plan.plan(DAY)
    assert len(world.ledger()) == 2

    monkeypatch.undo()


def _say(world: World, run_id: str, node: str, status: str) -> None:
    """Let dbt have said this of a node just now."""
    world.warehouse.execute(
        "insert into quality.dbt_result (run_id, node_id, status, business_day, loaded_at)"
        " values (%(run)s, %(node)s, %(status)s, %(day)s, clock_timestamp())"
        " on conflict (run_id, node_id) do update set status = excluded.status, loaded_at = excluded.loaded_at",
        {"run": run_id, "node": node, "status": status, "day": DAY},
    )
