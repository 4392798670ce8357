"""Client of Airflow's REST API (v2): runs and their tasks, what assets started, questions to people.

Acts as one of the named users of the simple auth manager, whose password is read from its 0600 file.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from market_regulation.embedded import airflow
from market_regulation.embedded.private_file import read_json

POLL_SECONDS = 0.5
# Airflow 3.3.2 fails a task that is answered before the worker which asked has reported back, up to 2 s later.
ANSWERABLE_AFTER = timedelta(seconds=5)
FINISHED = ("success", "failed")


class AirflowApiError(RuntimeError):
    """Airflow refused a request or cannot be reached; the message carries its answer."""


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str


@dataclass(frozen=True)
class Question:
    """A question of a human-in-the-loop task that nobody has answered yet."""

    run: Run
    task_id: str
    map_index: int
    subject: str
    body: str
    options: tuple[str, ...]


class AirflowApi:
    """Requests made as one user."""

    def __init__(self, user: str = "admin") -> None:
        """Log in as ``admin``, ``maker`` or ``checker``.

        Raises:
            AirflowApiError: The api-server cannot be reached or does not know the user.
        """
        transport = httpx.HTTPTransport(retries=3)
        self._client = httpx.Client(base_url=airflow.base_url(), transport=transport, timeout=30, trust_env=False)
        credentials = {"username": user, "password": read_json(airflow.passwords_file())[user]}
        token = self._request("POST", "/auth/token", json=credentials)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def dags(self) -> list[dict[str, Any]]:
        """Return every DAG as the API describes it."""
        return self._pages("/api/v2/dags", "dags")

    def import_errors(self) -> list[dict[str, Any]]:
        """Return the DAG files that could not be parsed, with their stack traces."""
        return self._pages("/api/v2/importErrors", "import_errors")

    def trigger(self, run: Run, conf: dict[str, Any] | None = None) -> None:
        """Start ``run``.

        Raises:
            AirflowApiError: The DAG does not exist, or the run does already.
        """
        body = {"dag_run_id": run.run_id, "logical_date": None, "conf": conf or {}}
        self._request("POST", f"/api/v2/dags/{run.dag_id}/dagRuns", json=body)

    def state(self, run: Run) -> str:
        """Return the state of the run: queued, running, success or failed."""
        return str(self._request("GET", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}")["state"])

    def task_states(self, run: Run) -> dict[str, str]:
        """Return the state of each task that has one, mapped tasks as ``task[index]``."""
        tasks = self._pages(f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances", "task_instances")
        return {_task_name(task): task["state"] for task in tasks if task["state"]}

    def wait(self, run: Run, seconds: float, report: Callable[[str], None]) -> str:
        """Wait until the run has ended, reporting every change of a task's state; return ``success`` or ``failed``.

        Raises:
            TimeoutError: The run has not ended in time; it goes on.
        """
        end = time.monotonic() + seconds
        known: dict[str, str] = {}
        while True:
            try:
                state, states = self.state(run), self.task_states(run)
            except httpx.TransportError:  # the api-server is being restarted
                state, states = "unknown", known
            for task, task_state in states.items():
                if known.get(task) != task_state:
                    report(f"{run.dag_id}.{task}: {task_state}")
            known = states
            if state in FINISHED:
                return state
            if time.monotonic() > end:
                raise TimeoutError(f"{run.dag_id} is still {state} after {seconds:.0f} s: {self.page(run)}")
            time.sleep(POLL_SECONDS)

    def page(self, run: Run) -> str:
        """Return the address of the run's page in the UI."""
        return f"{airflow.base_url()}/dags/{run.dag_id}/runs/{run.run_id}"

    def scheduled_on(self, dag_id: str, since: datetime) -> set[str]:
        """Return the DAGs that wait for an asset which ``dag_id`` produces and which was updated after ``since``."""
        waiting: set[str] = set()
        for asset in self._pages("/api/v2/assets", "assets", dag_ids=dag_id):
            updated = (asset.get("last_asset_event") or {}).get("timestamp")
            produced = any(task["dag_id"] == dag_id for task in asset["producing_tasks"])
            if produced and updated and datetime.fromisoformat(updated) >= since:
                waiting |= {dag["dag_id"] for dag in asset["scheduled_dags"]}
        return waiting

    def started_by_assets(self, dag_id: str, since: datetime) -> list[Run]:
        """Return the runs of ``dag_id`` that assets started after ``since``."""
        runs = self._pages(
            f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", run_type="asset_triggered", run_after_gte=since.isoformat()
        )
        return [Run(dag_id, run["dag_run_id"]) for run in runs]

    def runs_since(self, dag_id: str, since: datetime) -> dict[Run, str]:
        """Return the runs of ``dag_id`` that were due after ``since``, whatever started them, with their states."""
        runs = self._pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", run_after_gte=since.isoformat())
        return {Run(dag_id, run["dag_run_id"]): run["state"] for run in runs}

    def ended_since(self, dag_id: str, since: datetime) -> list[datetime]:
        """Return when those runs of ``dag_id`` ended that began after ``since`` and succeeded."""
        runs = self._pages(
            f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", start_date_gte=since.isoformat(), state="success"
        )
        return [datetime.fromisoformat(run["end_date"]) for run in runs]

    def questions(self, dag_id: str = "~") -> list[Question]:
        """Return the unanswered questions of ``dag_id``, or of all DAGs, that have been open for five seconds."""
        details = self._pages(
            f"/api/v2/dags/{dag_id}/dagRuns/~/hitlDetails",
            "hitl_details",
            response_received="false",
            created_at_lte=(datetime.now(UTC) - ANSWERABLE_AFTER).isoformat(),
        )
        return [
            Question(
                Run(task["dag_id"], task["dag_run_id"]),
                task["task_id"],
                task["map_index"],
                detail["subject"],
                detail["body"] or "",
                tuple(detail["options"]),
            )
            for detail in details
            for task in [detail["task_instance"]]
        ]

    def answer(self, question: Question, option: str, params: dict[str, Any] | None = None) -> None:
        """Answer a question as this user.

        Raises:
            AirflowApiError: The user may not answer it, the option is none of its own, or somebody has answered.
        """
        self._request(
            "PATCH",
            f"/api/v2/dags/{question.run.dag_id}/dagRuns/{question.run.run_id}"
            f"/taskInstances/{question.task_id}/{question.map_index}/hitlDetails",
            json={"chosen_options": [option], "params_input": params or {}},
        )

    def _pages(self, path: str, key: str, **parameters: str) -> list[dict[str, Any]]:
        """Return all entries of a list, however many pages it has."""
        entries: list[dict[str, Any]] = []
        while True:
            page = self._request("GET", path, params={"limit": 100, "offset": len(entries), **parameters})
            entries += page[key]
            if not page[key] or len(entries) >= page["total_entries"]:
                return entries

    def _request(
        self, method: str, path: str, json: object = None, params: dict[str, str | int] | None = None
    ) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, json=json, params=params)
        except httpx.ConnectError as error:
            raise AirflowApiError(f"Airflow's api-server does not answer at {airflow.base_url()}: {error}") from error
        if response.is_error:
            raise AirflowApiError(f"{method} {path}: {response.status_code} {response.text[:1000]}")
        answer: dict[str, Any] = response.json()
        return answer


def _task_name(task: dict[str, Any]) -> str:
    return str(task["task_id"]) if task["map_index"] < 0 else f"{task['task_id']}[{task['map_index']}]"
