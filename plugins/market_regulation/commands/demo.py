"""``make demo``: one business day through the real scheduler, compared with the answer the sandbox planted.

The day's deliveries are written by the sandbox, every DAG runs in Airflow, a sandbox officer answers the open
reviews as user ``checker``, and at the end the public copy, the holds and the quarantine are compared, record by
record, with the answer key. Nothing is compared with the platform's own counts.
"""

import argparse
import datetime as dt
import time

import psycopg

from market_regulation import settings
from market_regulation.commands.airflow_api import AirflowApi, Run
from market_regulation.commands.day import set_business_day
from market_regulation.commands.summary import day_summary
from market_regulation.commands.up import bring_up
from market_regulation.embedded import airflow, platform
from market_regulation.sandbox import compare, generate, officer
from market_regulation.sources.catalog import load_sources
from market_regulation.warehouse import inputs

DAY = dt.date(2026, 3, 16)
DAY_SECONDS = 600  # longest time a business day may take before the demo gives up
QUIET_SECONDS = 5  # longer than an asset takes to start a run
FOLLOWERS = ("warehouse", "disclose", "review")


def say(line: str) -> None:
    """Print one line of progress with the time of day."""
    print(f"{dt.datetime.now():%H:%M:%S}  {line}", flush=True)  # noqa: DTZ005 (the reader's own clock)


class DayNotFinishedError(RuntimeError):
    """A run failed or the day did not come to rest in time; the message names the run and its page."""


def main(argv: list[str]) -> int:
    """Run the demo; return 0 when nothing differs from the answer key, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--date", type=dt.date.fromisoformat, default=DAY)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--stop", action="store_true", help="stop the platform at the end")
    options = parser.parse_args(argv)

    try:
        bring_up()
        finished = run_day(options.date, options.seed, options.scale)
        difference = compare.compare(options.date)
        print(f"\n{day_summary(options.date)}\n\n{difference.text()}\n")
        print(where_to_look(options.stop))
    finally:
        if options.stop:
            platform.stop()
    return 0 if finished and not difference else 1


def run_day(day: dt.date, seed: int, scale: float) -> bool:
    """Deliver, ingest, build and disclose one business day; tell whether every run of it ended well."""
    set_business_day(day)
    say(f"business day {day}; the sandbox writes the deliveries (seed {seed}, scale {scale:g})")
    generate.deliver(day, seed, scale)
    api = AirflowApi("admin")
    began = dt.datetime.now(dt.UTC)
    try:
        ingest(api, day)
        settle(api, began)
    except DayNotFinishedError as error:
        say(f"the day did not end well: {error}")
        return False
    return True


def ingest(api: AirflowApi, day: dt.date) -> None:
    """Run every source's ingest DAG to its end.

    Raises:
        DayNotFinishedError: A run failed.
    """
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S")
    runs = [Run(f"ingest__{source.source}", f"demo__{day}__{stamp}") for source in load_sources()]
    for run in runs:
        api.trigger(run, {"business_day": day.isoformat()})
    for run in runs:
        state = api.wait(run, DAY_SECONDS, say)
        if state != "success":
            raise DayNotFinishedError(f"{run.dag_id} {state}: {api.page(run)}")


def settle(api: AirflowApi, began: dt.datetime) -> None:
    """Wait until the warehouse has read every landing, a disclose run has followed, and nothing runs.

    The officer answers whatever question opens meanwhile.

    Raises:
        DayNotFinishedError: A run failed, or the time limit passed.
    """
    checker = AirflowApi("checker")
    end = time.monotonic() + DAY_SECONDS
    seen: dict[Run, str] = {}
    quiet_since: float | None = None
    while time.monotonic() < end:
        officer.answer_open_questions(checker, say)
        states = {run: state for dag in FOLLOWERS for run, state in api.runs_since(dag, began).items()}
        for run, state in states.items():
            if seen.get(run) != state:
                say(f"{run.dag_id} ({run.run_id[:40]}): {state}")
                quiet_since = None
            if state == "failed":
                raise DayNotFinishedError(f"{run.dag_id} failed: {api.page(run)}")
        seen = states
        at_rest = all(state == "success" for state in states.values())
        quiet_since = (quiet_since or time.monotonic()) if at_rest else None
        if quiet_since and time.monotonic() - quiet_since > QUIET_SECONDS:
            if _covered(api):
                return
            api.trigger(Run("warehouse", f"demo__{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}"))  # nothing new landed
            quiet_since = None
        time.sleep(1)
    raise DayNotFinishedError(f"the day did not come to rest in {DAY_SECONDS} s: {airflow.base_url()}")


def _covered(api: AirflowApi) -> bool:
    """Tell whether the last build read everything that landed, and a disclose run began after it."""
    if inputs.is_due():
        return False
    with psycopg.connect(settings.dsn("warehouse", "owner")) as connection:
        row = connection.execute("select max(loaded_at) from quality.dbt_result").fetchone()
    return row is not None and row[0] is not None and bool(api.ended_since("disclose", row[0]))


def where_to_look(stopped: bool) -> str:
    """Name the pages a person opens next, and how to stop the platform."""
    home = settings.home()
    lines = [
        f"Data Docs          {home / 'data_docs' / 'index.html'}",
        f"dbt docs           {home / 'dbt_docs' / 'index.html'}",
        f"logs               {home / 'logs'}",
    ]
    if not stopped:
        lines = [
            f"Airflow            {airflow.base_url()} (users admin, maker, checker: {airflow.passwords_file()})",
            *lines,
            "psql               make psql",
            "stop with          make down",
        ]
    return "\n".join(lines)
