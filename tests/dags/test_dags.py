"""What every DAG of the project keeps to, and how each is wired."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Asset

from market_regulation import settings
from market_regulation.disclosure import retries

DAGS = settings.project_root() / "dags"
SOURCES = {
    "agency_inspections", "amr_penalties", "case_events", "cnca_certificates", "cnca_validity_checks",
    "registry_enterprises", "samr_spot_checks",
    "amr_serious_listings", "amr_supervision_checks", "other_department_penalties",
}  # fmt: skip
INGEST = {f"ingest__{source}" for source in SOURCES}
OTHERS = {"warehouse", "disclose", "review", "retry", "maintenance"}
LAYERS = {"layer:landing", "layer:warehouse", "layer:disclosure", "layer:maintenance"}
TIERS = {"tier:1", "tier:2", "tier:3"}
POOLS = {"landing", "warehouse", "disclosure", "default_pool"}
CHECKS = {"land", "check", "report", "dbt_result", "docs", "verify_ledger"}  # the same again gives the same
WAITS_FOR_A_PERSON = {"answer"}

STRUCTURE = {
    "warehouse": {
        "needed": {"documents"},
        "documents": {"dbt"},
        "dbt": {"dbt_result"},
        "dbt_result": {"docs"},
        "docs": set(),
    },
    "disclose": {
        "plan": {"channels", "questions"},
        "channels": {"serve.deliver", "serve.receipts", "serve.reconcile"},
        "serve.deliver": {"serve.receipts"},
        "serve.receipts": {"serve.reconcile"},
        "serve.reconcile": set(),
        "questions": {"ask"},
        "ask": set(),
    },
    "review": {"hand_over": {"answer"}, "answer": {"record"}, "record": set()},
    "retry": {"look": {"start_disclose"}, "start_disclose": set()},
    "maintenance": {
        "sweep": {"start_warehouse", "start_disclose"},
        "start_warehouse": set(),
        "start_disclose": set(),
        "verify_ledger": set(),
        "deadlines": set(),
        "clean_up": set(),
    },
} | {
    name: {
        "collect": {"land", "check", "report"},
        "land": {"check", "report"},
        "check": {"send_back", "report"},
        "send_back": set(),
        "report": set(),
    }
    for name in INGEST
}

POOL_OF = {
    ("warehouse", "needed"): "warehouse", ("warehouse", "documents"): "warehouse",
    ("warehouse", "dbt"): "warehouse", ("warehouse", "dbt_result"): "warehouse", ("review", "record"): "disclosure",
}  # fmt: skip
POOL_OF |= {
    ("disclose", task_id): "disclosure"
    for task_id in ("plan", "channels", "serve.deliver", "serve.receipts", "serve.reconcile")
}
POOL_OF |= {
    (dag_id, task_id): "landing" for dag_id in INGEST for task_id in ("collect", "land", "check", "send_back", "report")
}


def test_every_file_is_parsed_and_gives_exactly_these_dags(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == INGEST | OTHERS


@pytest.mark.parametrize("dag_id", sorted(INGEST | OTHERS))
class TestPolicy:
    """The house style of anchors.md section 6.1, numbers 36 and 39."""

    def test_it_says_what_it_is_for_and_whose_it_is(self, dag_bag: Any, dag_id: str) -> None:
        dag = dag_bag.dags[dag_id]
        assert len(dag.doc_md.strip().splitlines()) >= 5
        assert all(word in dag.doc_md for word in ("**Owner**", "**Re-run**"))
        owners = {task.owner for task in dag.tasks}
        assert len(owners) == 1
        assert owners != {"airflow"}

    def test_its_tags_are_one_layer_and_one_tier(self, dag_bag: Any, dag_id: str) -> None:
        tags = set(dag_bag.dags[dag_id].tags)
        assert len(tags & LAYERS) == len(tags & TIERS) == 1
        assert tags <= LAYERS | TIERS

    def test_one_run_at_a_time_unless_people_are_asked(self, dag_bag: Any, dag_id: str) -> None:
        dag = dag_bag.dags[dag_id]
        assert dag.catchup is False
        assert dag.max_active_runs == 1 if dag_id != "review" else dag.max_active_runs >= 1000
        assert str(getattr(dag.timetable, "timezone", "Asia/Shanghai")) == "Asia/Shanghai"

    def test_pools_are_those_that_exist_and_writers_have_their_own(self, dag_bag: Any, dag_id: str) -> None:
        for task in dag_bag.dags[dag_id].tasks:
            assert task.pool in POOLS
            assert task.pool == POOL_OF.get((dag_id, task.task_id), "default_pool")

    def test_transport_is_retried_and_checks_are_not(self, dag_bag: Any, dag_id: str) -> None:
        retries = {task.task_id: task.retries for task in dag_bag.dags[dag_id].tasks}
        assert {name for name, count in retries.items() if count == 0} == set(retries) & (CHECKS | WAITS_FOR_A_PERSON)
        assert max(retries.values()) <= 2

    def test_nothing_waits_for_a_person_but_a_review(self, dag_bag: Any, dag_id: str) -> None:
        operators = {task.task_type for task in dag_bag.dags[dag_id].tasks}
        assert not any("Sensor" in name for name in operators)
        assert ("HITLOperator" in operators) == (dag_id == "review")
        for task in dag_bag.dags[dag_id].tasks:
            if not task.is_mapped and task.task_type == "TriggerDagRunOperator":
                assert task.wait_for_completion is False

    def test_it_is_wired_as_described(self, dag_bag: Any, dag_id: str) -> None:
        dag = dag_bag.dags[dag_id]
        assert {task.task_id: set(task.downstream_task_ids) for task in dag.tasks} == STRUCTURE[dag_id]


class TestAssets:
    """Assets tie ingest, warehouse and disclosure together."""

    def test_each_landing_starts_the_warehouse(self, dag_bag: Any) -> None:
        produced = {asset.name for dag_id in INGEST for asset in _outlets(dag_bag.dags[dag_id])}
        awaited = {asset.name: asset.uri for asset in _awaited(dag_bag.dags["warehouse"])}
        assert produced == set(awaited) == {f"landing.{source}" for source in SOURCES}
        assert awaited["landing.case_events"] == "x-warehouse://landing/case_events"
        assert type(dag_bag.dags["warehouse"].timetable.asset_condition).__name__ == "AssetAny"

    def test_marts_and_reviews_start_the_disclosure(self, dag_bag: Any) -> None:
        produced = {asset for dag_id in ("warehouse", "review") for asset in _outlets(dag_bag.dags[dag_id])}
        assert produced == set(_awaited(dag_bag.dags["disclose"]))
        assert {asset.name for asset in produced} == {"warehouse.marts", "disclosure.review"}
        assert type(dag_bag.dags["disclose"].timetable.asset_condition).__name__ == "AssetAny"

    def test_marts_are_announced_only_by_the_task_that_judged_the_build(self, dag_bag: Any) -> None:
        dag = dag_bag.dags["warehouse"]
        assert {task.task_id for task in dag.tasks if task.outlets} == {"dbt_result"}
        assert dag.get_task("dbt_result").trigger_rule == "all_done"


class TestDbtTask:
    """design.md section 10: one dbt process, its results kept, no secret in a rendered field."""

    def test_it_is_one_build_in_a_subprocess(self, dag_bag: Any) -> None:
        task = dag_bag.dags["warehouse"].get_task("dbt")
        assert task.task_type == "DbtBuildLocalOperator"
        assert task.invocation_mode.value == "subprocess"
        assert task.install_deps is False
        assert task.execution_timeout is not None
        assert task.execution_timeout.total_seconds() < 30 * 60
        assert Path(task.dbt_executable_path).parent == Path(sys.executable).parent

    def test_the_only_rendered_field_names_what_is_left_out(self, dag_bag: Any) -> None:
        """Unit tests say nothing about data: they run with the tests of the code, not in production."""
        task = dag_bag.dags["warehouse"].get_task("dbt")
        rendered = {name: getattr(task, name) for name in task.template_fields if getattr(task, name)}
        assert rendered == {"dbt_cmd_flags": ["--exclude-resource-type", "unit_test"]}
        assert task.should_store_compiled_sql is False
        assert task.append_env is True


def test_review_is_answered_by_named_people_in_two_weeks(dag_bag: Any) -> None:
    task = dag_bag.dags["review"].get_task("answer")
    assert task.assigned_users == [{"id": "checker", "name": "checker"}]
    assert task.options == ["Approve", "Reject"]
    assert task.defaults is None  # no answer is never an approval
    assert task.response_timeout.days == 14


@pytest.mark.parametrize(
    ("due", "under_way", "started"), [([], 0, None), (["gsxt"], 0, "start_disclose"), (["gsxt"], 1, None)]
)
def test_the_clock_starts_disclose_when_something_is_due_and_no_run_is_under_way(
    dag_bag: Any, monkeypatch: pytest.MonkeyPatch, due: list[str], under_way: int, started: str | None
) -> None:
    asked = []

    class Task:
        @staticmethod
        def get_dr_count(dag_id: str, states: list[str]) -> int:
            asked.append((dag_id, states))
            return under_way

    look = dag_bag.dags["retry"].get_task("look").python_callable
    monkeypatch.setattr(retries, "due", lambda: due)
    monkeypatch.setitem(look.__globals__, "get_current_context", lambda: {"ti": Task})
    assert look() == started
    assert asked == ([("disclose", ["queued", "running"])] if due else [])


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.name)
def test_a_dag_file_is_thin(file: Path) -> None:
    """Heavy modules are imported in tasks: parsing is repeated all the time."""
    allowed = ("airflow.", "pendulum", "market_regulation.settings", "market_regulation.sources.")
    modules = [
        f"{node.module}.{name.name}" if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    ]
    foreign = [m for m in modules if m.split(".")[0] not in sys.stdlib_module_names and not m.startswith(allowed)]
    assert foreign == []
    assert len(file.read_text().splitlines()) <= 150


def test_parsing_reads_neither_pandas_nor_great_expectations_nor_a_database() -> None:
    """In a process of its own, since this one has imported all kinds of things."""
    code = (
        "import sys, json\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "before = set(sys.modules)\n"
        f"bag = DagBag({str(DAGS)!r}, load_op_links=False)\n"
        "assert not bag.import_errors, bag.import_errors\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    )
    environment = {**os.environ, "PYTHONPATH": str(settings.project_root() / "plugins")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded & {"pandas", "great_expectations", "dbt", "psycopg", "reportlab", "uvicorn"} == set()


def _outlets(dag: Any) -> list[Asset]:
    return [asset for task in dag.tasks for asset in task.outlets]


def _awaited(dag: Any) -> list[Asset]:
    return list(dag.timetable.asset_condition.objects)
