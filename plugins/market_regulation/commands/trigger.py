"""Running one DAG by hand: through Airflow's REST API, with a time limit, and what its assets started after it."""

import argparse
import contextlib
import datetime as dt
import time
from collections.abc import Iterator

from market_regulation.commands.airflow_api import AirflowApi, Run
from market_regulation.commands.day import set_business_day
from market_regulation.commands.up import bring_up
from market_regulation.embedded import platform

TIME_LIMIT = 3600.0  # seconds for one run
ASSETS_LIMIT = 20.0  # seconds until the scheduler has started the runs that wait for an asset


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--date`` and ``--follow``, which every triggering command has."""
    parser.add_argument("--date", type=dt.date.fromisoformat, help="business day to set first, YYYY-MM-DD")
    parser.add_argument("--follow", action="store_true", help="wait also for the DAGs that the assets start")


def run_dag(dag_id: str, date: dt.date | None, follow: bool, after: str | None = None) -> int:
    """Trigger ``dag_id`` and wait for it, on the running platform or on one started for it; return the exit code.

    With ``after``, that DAG is run first and must succeed.

    A platform started for the run is stopped after it, and therefore the DAGs started by assets are waited for too.

    Raises:
        AirflowApiError: There is no such DAG.
        TimeoutError: A run has not ended in time.
    """
    with _platform() as was_up:
        if date is not None:
            set_business_day(date)
        api = AirflowApi()
        if after and not _run(api, after, follow=False):
            return 1
        return 0 if _run(api, dag_id, follow or not was_up) else 1


@contextlib.contextmanager
def _platform() -> Iterator[bool]:
    """Have the platform up; yields whether it was before, and stops it again if not."""
    was_up = platform.is_up()
    try:
        bring_up()
        yield was_up
    finally:
        if not was_up:
            platform.stop()


def _run(api: AirflowApi, dag_id: str, follow: bool) -> bool:
    began = dt.datetime.now(dt.UTC)
    run = Run(dag_id, f"command__{began:%Y%m%dT%H%M%S.%f}")
    api.trigger(run)
    succeeded = _await(api, run)
    return _follow(api, dag_id, began, follow) and succeeded


def _await(api: AirflowApi, run: Run) -> bool:
    state = api.wait(run, TIME_LIMIT, lambda line: print(f"  {line}", flush=True))
    print(f"{run.dag_id}: {state}  {api.page(run)}", flush=True)
    return state == "success"


def _follow(api: AirflowApi, dag_id: str, since: dt.datetime, wait: bool) -> bool:
    """Say which DAGs the assets of ``dag_id`` started, and wait for them, their followers included, when asked to."""
    succeeded = True
    waiting = api.scheduled_on(dag_id, since)
    end = time.monotonic() + ASSETS_LIMIT
    while waiting and time.monotonic() < end:
        for follower in sorted(waiting):
            for run in api.started_by_assets(follower, since)[:1]:
                waiting.discard(follower)
                print(f"{dag_id} → {follower}, started by its assets", flush=True)
                if wait:
                    succeeded &= _await(api, run)
                    succeeded &= _follow(api, follower, since, wait)
                    end = time.monotonic() + ASSETS_LIMIT
        time.sleep(0.5)
    for follower in sorted(waiting):
        print(f"{dag_id} → {follower} not started yet: it waits for further assets or for its own last run")
    return succeeded
