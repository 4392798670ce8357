"""The embedded platform as a whole: runs through the real scheduler, and what it survives."""

import datetime as dt
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from market_regulation.commands.airflow_api import AirflowApi, AirflowApiError, Question, Run
from market_regulation.commands.readiness import await_ready
from market_regulation.commands.trigger import run_dag
from market_regulation.embedded import platform, postgres
from market_regulation.embedded.postmaster import postmaster
from market_regulation.embedded.processes import Identity
from market_regulation.embedded.state import read_state, running_supervisor

pytestmark = pytest.mark.e2e

DAGS = """
import time
from pathlib import Path

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, dag, task

landed = Asset("landed")


@dag(schedule=None)
def land():
    @task(outlets=[landed])
    def copy():
        print("landing")

    copy()


@dag(schedule=[landed])
def build():
    @task
    def model():
        print("building")

    model()


@dag(schedule=None)
def break_():
    @task
    def fail():
        raise ValueError("on purpose")

    fail()


@dag(schedule=None)
def slow():
    @task
    def write(path):
        Path(path, "began").open("a").write("x")
        time.sleep(8)
        Path(path, "ended").open("a").write("x")

    write("{{ dag_run.conf['path'] }}")


@dag(schedule=None)
def review():
    ApprovalOperator(task_id="ask", subject="List this company?", assigned_users=[{"id": "checker", "name": "checker"}])


land(), build(), break_(), slow(), review()
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A platform that is up, with DAGs of its own and short patience for lost schedulers."""
    with tempfile.TemporaryDirectory(prefix="plat form") as folder, pytest.MonkeyPatch.context() as patch:
        home, dags = Path(folder) / "home", Path(folder) / "dags"
        dags.mkdir()
        (dags / "all.py").write_text(DAGS)
        for name in [name for name in os.environ if name.endswith("_URI") or name.startswith("AIRFLOW")]:
            patch.delenv(name)
        patch.setenv("MARKET_REGULATION_HOME", str(home))
        patch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(dags))
        patch.setenv("AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD", "20")
        patch.setenv("AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL", "5")
        try:
            platform.start(print)
            await_ready(print)
            yield home
        finally:
            platform.stop()


def component(name: str) -> Identity:
    entry = read_state()["components"][name]
    return Identity(entry["pid"], entry["created"])


def await_components() -> list[Identity]:
    """All components, once each runs: one that lost its database may be between its end and its next start."""
    end = time.monotonic() + 60
    while True:
        components = [component(name) for name in read_state()["components"]]
        if len(components) == 5 and all(process.is_alive() for process in components):
            return components
        assert time.monotonic() < end, "a component did not come back"
        time.sleep(0.2)


def run(dag_id: str, conf: dict[str, str] | None = None) -> Run:
    started = Run(dag_id, f"test__{time.time_ns()}")
    AirflowApi("maker").trigger(started, conf)
    return started


def result(started: Run) -> str:
    """State of the run at its end; while PostgreSQL or the api-server restarts, asking is repeated."""
    end = time.monotonic() + 120
    while True:
        try:
            return AirflowApi().wait(started, 120, print)
        except AirflowApiError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


def await_file(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.1)


@pytest.mark.usefixtures("home")
def test_a_command_runs_a_dag_and_follows_its_assets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_dag("land", None, follow=True) == 0
    output = capsys.readouterr().out
    assert "land.copy: success" in output
    assert "land → build, started by its assets" in output
    assert "build: success" in output


@pytest.mark.usefixtures("home")
def test_a_failed_run_gives_a_failing_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_dag("break_", None, follow=False) == 1
    assert "break_.fail: failed" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_an_unknown_dag_is_named() -> None:
    with pytest.raises(AirflowApiError, match="nowhere"):
        run_dag("nowhere", None, follow=False)


@pytest.mark.usefixtures("home")
def test_only_the_named_person_may_answer_and_is_recorded() -> None:
    asked = run("review")
    question = await_question(asked)
    with pytest.raises(AirflowApiError, match="403"):
        AirflowApi("maker").answer(question, "Approve")
    AirflowApi("checker").answer(question, "Approve")
    assert result(asked) == "success"
    assert AirflowApi().questions("review") == []


def await_question(asked: Run) -> Question:
    end = time.monotonic() + 60
    while not (questions := AirflowApi("checker").questions("review")):
        assert time.monotonic() < end, "nobody was asked"
        time.sleep(0.5)
    assert [question.run for question in questions] == [asked]
    return questions[0]


@pytest.mark.usefixtures("home")
def test_a_task_whose_scheduler_is_killed_ends_once(tmp_path: Path) -> None:
    started = run("slow", {"path": str(tmp_path)})
    await_file(tmp_path / "began")
    scheduler = psutil.Process(component("scheduler").pid)
    family = [scheduler, *scheduler.children(recursive=True)]
    scheduler.kill()
    assert result(started) == "success"
    assert (tmp_path / "ended").read_text() == "x"
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_killed_database_server_comes_back(home: Path) -> None:
    server = postmaster(home / "postgres" / "data")
    assert server is not None
    server.kill()
    end = time.monotonic() + 60
    while not postgres.is_running():
        assert time.monotonic() < end
        time.sleep(0.2)
    await_ready(print)
    assert result(run("land")) == "success"


@pytest.mark.usefixtures("home")
def test_after_the_supervisor_is_killed_a_start_ends_what_it_left_and_begins_anew() -> None:
    supervisor = running_supervisor()
    assert supervisor is not None
    left = await_components()
    os.kill(supervisor.pid, signal.SIGKILL)
    while supervisor.is_alive():
        time.sleep(0.05)
    assert not platform.is_up()
    assert [process for process in left if process.is_alive()] != []
    platform.start(print)
    await_ready(print)
    assert [process for process in left if process.is_alive()] == []
    assert result(run("land")) == "success"


def test_secrets_are_in_no_log_and_no_process_title(home: Path) -> None:
    files = [home / "postgres" / "passwords.json", home / "airflow" / "passwords.json", home / "airflow" / "keys.json"]
    secrets = [secret for file in files for secret in json.loads(file.read_text()).values()]
    logs = [path for path in (home / "logs").rglob("*") if path.is_file()]
    assert {"scheduler.log", "api-server.log", "triggerer.log", "dag-processor.log"} <= {path.name for path in logs}
    titles = " ".join(" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    leaks = {path.name for path in logs for secret in secrets if secret in path.read_text(errors="replace")}
    assert leaks == set()
    assert [secret for secret in secrets if secret in titles] == []


def test_a_stop_leaves_nothing_running_and_may_be_repeated(home: Path) -> None:
    platform.start(print)
    supervisor = running_supervisor()
    assert supervisor is not None
    components = await_components()
    began = dt.datetime.now(dt.UTC)
    platform.stop()
    platform.stop()
    assert (dt.datetime.now(dt.UTC) - began).total_seconds() < 25
    assert [process for process in [supervisor, *components] if process.is_alive()] == []
    assert postmaster(home / "postgres" / "data") is None
    mentioning = [
        p
        for p in psutil.process_iter(["environ"])
        if (p.info["environ"] or {}).get("MARKET_REGULATION_HOME") == str(home)
    ]
    assert [process for process in mentioning if process.pid != os.getpid()] == []
