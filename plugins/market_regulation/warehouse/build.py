"""Around the one dbt task: that no second dbt works on the warehouse, and that its artifacts survive it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from market_regulation import settings
from market_regulation.warehouse.inputs import note_begin, run_folder

ARTIFACTS = ("run_results.json", "manifest.json")

_TAKE = """
insert into control.lease as l (lease_name, token, taken_by) values ('dbt', 1, %(run_id)s)
on conflict (lease_name) do update set token = l.token + 1, taken_by = excluded.taken_by, taken_at = now()
"""

# A dbt whose Airflow task was killed lives on without the row lock; its sessions give it away.
_OTHER_DBT = """
select pid, backend_start
from pg_stat_activity
where datname = current_database() and usename = current_user and application_name = 'dbt'
"""

_HOLD = "select from control.lease where lease_name = 'dbt' for update"
LOCK_WAIT = 60  # seconds: `plan` locks the marts while it decides

_held: list[psycopg.Connection] = []


class BuildRunningError(RuntimeError):
    """Another dbt is at work on this warehouse; two at once would corrupt its tables (dbt-core issue 5291)."""


def begin(context: Mapping[str, Any]) -> None:
    """Lock the warehouse for this task until its process ends, and note what the build reads.

    Raises:
        BuildRunningError: Another dbt is at work.
        psycopg.Error: The warehouse cannot be reached.
    """
    connection = psycopg.connect(settings.dsn("warehouse", "transformer"))
    connection.execute("set idle_in_transaction_session_timeout = 0")
    connection.execute("select set_config('lock_timeout', %s, false)", [f"{LOCK_WAIT}s"])
    try:
        connection.execute(_TAKE, {"run_id": context["run_id"]})
        connection.commit()  # who builds since when is known from now on, whatever becomes of this process
        connection.execute(_HOLD)
    except psycopg.errors.LockNotAvailable as error:
        raise BuildRunningError("another task builds the warehouse (lease 'dbt'): wait until it has ended") from error
    if other := connection.execute(_OTHER_DBT).fetchone():
        raise BuildRunningError(
            f"a dbt without a task still works on the warehouse (session {other[0]} since {other[1]:%H:%M:%S}):"
            " wait until it has ended, or end that session"
        )
    _held.append(connection)
    for name in ARTIFACTS:  # of an earlier try: they would speak for this one should it die
        (run_folder(context["run_id"]) / name).unlink(missing_ok=True)
    note_begin(context["run_id"])


def keep_artifacts(project_dir: str, context: Mapping[str, Any], **_: object) -> None:
    """Copy what dbt left in its temporary project to ``<home>/dbt/<run_id>/``; called after failures too."""
    folder = run_folder(context["run_id"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in ARTIFACTS:
        artifact = Path(project_dir) / "target" / name
        if artifact.exists():
            shutil.copyfile(artifact, folder / name)
