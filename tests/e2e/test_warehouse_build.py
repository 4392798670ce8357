"""Around the dbt task: when a build is due, that only one runs, and that nothing it left undone passes as good."""

import json
import os
import time
from pathlib import Path

import psycopg
import pytest
from disclosure_records import DAY
from disclosure_world import World
from psycopg.conninfo import make_conninfo

from market_regulation import business_day, settings
from market_regulation.sources.catalog import load_sources
from market_regulation.warehouse import build, inputs, results, retention

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("home")]

MANIFEST = {
    "nodes": {
        "model.a": {"resource_type": "model", "config": {"materialized": "table"}},
        "model.cte": {"resource_type": "model", "config": {"materialized": "ephemeral"}},
        "seed.s": {"resource_type": "seed", "config": {}},
        "test.t": {"resource_type": "test", "config": {"materialized": "test"}},
        "analysis.x": {"resource_type": "analysis", "config": {}},
    },
    "unit_tests": {"unit_test.u": {}},
}
GOOD = {"model.a": "success", "seed.s": "success", "test.t": "pass"}


@pytest.fixture
def home(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own beside the world's databases."""
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setattr(build, "_held", [])
    return tmp_path


def _left(run_id: str, statuses: dict[str, str]) -> None:
    """Leave behind what dbt would."""
    folder = inputs.run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inputs").write_text("as it was")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    outcome = [
        {"unique_id": node, "status": status, "failures": None, "execution_time": 0.1, "message": None}
        for node, status in statuses.items()
    ]
    (folder / "run_results.json").write_text(json.dumps({"results": outcome}))


class TestResults:
    """The closing task fails unless every node ran and ended well."""

    def test_a_good_build_is_kept_and_noted(self, world: World) -> None:
        _left("r1", GOOD)

        assert results.load("r1") == 3

        rows = world.publisher.execute("select node_id, status from quality.dbt_result where run_id = 'r1'").fetchall()
        assert dict(rows) == GOOD
        assert inputs.was_built()

    def test_an_exposure_runs_nothing_and_is_not_a_node_of_the_build(self, world: World) -> None:
        _left("r1", GOOD | {"exposure.market_regulation.dashboard_overview": "no-op"})

        assert results.load("r1") == 3

        assert world.publisher.execute("select count(*) from quality.dbt_result").fetchone() == (3,)

    @pytest.mark.parametrize("status", ["fail", "error", "warn", "skipped", "partial success"])
    def test_a_node_that_ended_badly_is_named(self, world: World, status: str) -> None:
        _left("r1", GOOD | {"test.t": status})

        with pytest.raises(results.BuildFailedError, match=f"1 of 3 nodes: test.t: {status};"):
            results.load("r1")

        assert not inputs.was_built()
        assert world.publisher.execute("select count(*) from quality.dbt_result").fetchone() == (3,)

    @pytest.mark.parametrize("node", sorted(GOOD))
    def test_a_node_that_did_not_run_is_named(self, node: str) -> None:
        _left("r1", {name: status for name, status in GOOD.items() if name != node})

        with pytest.raises(results.BuildFailedError, match=f"{node}: did not run"):
            results.load("r1")

    def test_a_dbt_that_left_nothing_failed(self) -> None:
        with pytest.raises(results.BuildFailedError, match=r"left no run_results\.json"):
            results.load("r1")

    def test_what_an_earlier_try_left_does_not_speak_for_this_one(self) -> None:
        _left("r1", GOOD)
        build.begin({"run_id": "r1"})

        with pytest.raises(results.BuildFailedError, match=r"left no run_results\.json"):
            results.load("r1")


def test_artifacts_are_kept_from_the_temporary_project(tmp_path: Path) -> None:
    target = tmp_path / "project" / "target"
    target.mkdir(parents=True)
    (target / "run_results.json").write_text("{}")

    build.keep_artifacts(str(tmp_path / "project"), {"run_id": "r1"})

    assert [file.name for file in inputs.run_folder("r1").iterdir()] == ["run_results.json"]


class TestLock:
    """reliability.md 4.2: one dbt per warehouse, by a row and not by an advisory lock."""

    def test_a_second_build_is_refused_until_the_first_one_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(build, "LOCK_WAIT", 1)
        build.begin({"run_id": "r1"})
        with pytest.raises(build.BuildRunningError, match="lease 'dbt'"):
            build.begin({"run_id": "r2"})

        build._held.pop().close()

        build.begin({"run_id": "r2"})

    def test_a_dbt_that_outlived_its_task_is_seen(self) -> None:
        address = make_conninfo(settings.dsn("warehouse", "transformer"), application_name="dbt")
        with psycopg.connect(address), pytest.raises(build.BuildRunningError, match="a dbt without a task"):
            build.begin({"run_id": "r1"})

        assert build._held == []


class TestDue:
    """What is due is a question about inputs, not about events."""

    def test_nothing_is_due_before_every_source_has_landed_once(self) -> None:
        assert not inputs.is_due()

    def test_a_build_is_due_until_it_was_good_and_again_when_something_changed(self, world: World) -> None:
        views = [f"quality.{source.source}_accepted" for source in load_sources()]
        world.loader.execute("; ".join(f"create view {view} as select 1 as x" for view in views))
        try:
            assert inputs.is_due()
            _build_well("r1")
            assert not inputs.is_due()

            business_day.set_day(world.publisher, DAY)
            assert inputs.is_due()
            _build_well("r2")

            world.loader.execute(
                "insert into landing.delivery (source, submitter, profile, uri, arrival, sha256, bytes, status,"
                " business_day) values ('s', 's', 'p', 'u', 'a', 'x', 1, 'failed', %s)",
                [DAY],
            )
            assert inputs.is_due()

            inputs.note_begin("r3")
            business_day.set_day(world.publisher, DAY.replace(day=17))  # while r3 is being built
            inputs.note_built("r3")
            assert inputs.is_due()
        finally:
            world.loader.execute(f"drop view {', '.join(views)}")
            world.admin_warehouse.execute("delete from landing.delivery_event; delete from landing.delivery")


def test_only_what_is_old_is_removed(home: Path) -> None:
    old, young = home / "logs" / "airflow" / "old.log", home / "logs" / "young.log"
    built = home / "dbt" / "built"
    for file in (old, young, built):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    for file in (old, built):
        os.utime(file, (time.time() - 181 * 86_400,) * 2)
    os.utime(young, (time.time() - 179 * 86_400,) * 2)

    assert retention.remove_old() == 1

    assert (old.parent.exists(), young.exists(), built.exists()) == (False, True, True)


def _build_well(run_id: str) -> None:
    inputs.note_begin(run_id)
    inputs.note_built(run_id)
