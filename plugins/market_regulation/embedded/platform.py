"""The whole embedded platform as one thing that is up or down."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from market_regulation import settings
from market_regulation.embedded import airflow, airflow_database, postgres, superset
from market_regulation.embedded.component import log_file, open_log
from market_regulation.embedded.processes import end_sessions
from market_regulation.embedded.state import recorded_components, running_supervisor, state_file

SUPERVISOR_END = 30.0  # seconds: its own grace for the components, and then some


class PlatformError(RuntimeError):
    """The platform did not come up; the message names the log to read."""


def is_up() -> bool:
    """Tell whether the supervisor runs; its components may still be starting."""
    return running_supervisor() is not None


def start(report: Callable[[str], None]) -> None:
    """Start PostgreSQL, prepare Airflow and start the supervisor; does nothing that is done already.

    Args:
        report: Receives one line per step.

    Raises:
        PlatformError: The supervisor ended at once.
        PostgresError: PostgreSQL did not start.
        AirflowDatabaseError: Airflow's tables could not be prepared.
    """
    with _lock():
        if is_up():  # its supervisor keeps PostgreSQL up, and no DDL meets running tasks
            return
        postgres.start()
        report("PostgreSQL external" if postgres.is_external() else "PostgreSQL up")
        end_sessions(recorded_components(), grace_seconds=5)
        airflow.prepare()
        airflow_database.prepare(airflow.environment())
        report("Airflow's database ready")
        _start_supervisor()


def stop() -> None:
    """End Superset, the supervisor, its components, what a killed supervisor left behind; then PostgreSQL."""
    with _lock():
        superset.stop()
        supervisor = running_supervisor()
        if supervisor is not None:
            os.kill(supervisor.pid, signal.SIGTERM)
            end = time.monotonic() + SUPERVISOR_END
            while supervisor.is_alive() and time.monotonic() < end:
                time.sleep(0.1)
        leftovers = recorded_components()
        end_sessions([*leftovers, *([supervisor] if supervisor else [])], grace_seconds=1)
        state_file().unlink(missing_ok=True)
        postgres.stop()


def _start_supervisor() -> None:
    with open_log("supervisor") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "market_regulation.embedded.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=settings.home(),
            env=os.environ | {"PYTHONPATH": airflow.environment()["PYTHONPATH"]},
            start_new_session=True,
        )
    end = time.monotonic() + 30
    while not is_up():
        if process.poll() is not None or time.monotonic() > end:
            raise PlatformError(f"the supervisor did not start, see {log_file('supervisor')}")
        time.sleep(0.1)


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One start or stop at a time; the kernel frees the lock when its holder dies."""
    path = settings.home() / "run" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
