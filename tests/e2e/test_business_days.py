"""Business days through the real scheduler, in a copy of the project, with the commands a person types.

The tests build on each other: day one, day one again, the next working day with a question left open, a broken rule.
"""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from market_regulation import settings
from market_regulation.commands import demo
from market_regulation.commands.airflow_api import AirflowApi, AirflowApiError, Question
from market_regulation.commands.day import set_business_day
from market_regulation.commands.trigger import run_dag
from market_regulation.sandbox import compare, generate

pytestmark = pytest.mark.e2e

DAY, NEXT_DAY = dt.date(2026, 3, 16), dt.date(2026, 3, 17)
SCALE = 0.3
NOTHING_DIFFERS = "missing 0, extra 0, wrong content 0"


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A copy of the project in a path with a blank; the tests' environment is its own."""
    root = settings.project_root()
    with tempfile.TemporaryDirectory(prefix="business days ") as folder, pytest.MonkeyPatch.context() as patch:
        copy = Path(folder) / "clone"
        ignored = shutil.ignore_patterns(".git", ".venv", ".local", ".*_cache", ".hypothesis", "__pycache__")
        shutil.copytree(root, copy, ignore=ignored)
        (copy / ".venv").symlink_to(root / ".venv")
        for name in [n for n in os.environ if n.endswith("_URI") or n.startswith(("AIRFLOW", "MARKET_REGULATION"))]:
            patch.delenv(name)
        patch.setenv("MARKET_REGULATION_HOME", str(copy / ".local"))
        transport = {"type": "file", "log_file_path": str(copy / ".local" / "lineage")}
        patch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
        python_tasks = "airflow.providers.standard.decorators.python._PythonDecoratedOperator"
        patch.setenv("AIRFLOW__OPENLINEAGE__DISABLED_FOR_OPERATORS", python_tasks)  # the dbt task is enough here
        try:
            yield copy
        finally:
            make(copy, "down")


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=clone, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def rows(query: str, database: settings.Database = "warehouse") -> list[tuple[object, ...]]:
    with psycopg.connect(settings.dsn(database, "owner")) as connection:
        return connection.execute(query).fetchall()


def ledger() -> list[tuple[object, ...]]:
    return rows("select seq, record_id, version, op, row_sha256 from disclosure.record order by seq")


def public_copy() -> list[tuple[object, ...]]:
    query = "select record_id, version, op, payload_sha256, visible from public_copy.item order by record_id"
    return rows(query, "receiver")


def an_open_question() -> Question:
    """The first question of ``review`` that is before a person and unanswered."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if questions := AirflowApi().questions("review"):
            return questions[0]
        time.sleep(1)
    raise TimeoutError("no question came before a person")


def test_a_business_day_ends_with_exactly_what_the_law_asks_for(clone: Path) -> None:
    """Every source lands, the warehouse builds, and nothing differs from the planted answer."""
    done = make(clone, "demo", f"SCALE={SCALE}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(NOTHING_DIFFERS) == 5
    assert rows("select status, count(*) from landing.delivery group by status") == [("loaded", 11)]
    assert len(ledger()) > 30
    assert rows("select count(*) from disclosure.broken_link()") == [(0,)]


def test_no_planted_number_of_a_person_is_public(clone: Path) -> None:
    """The offices wrote identity, mobile and card numbers into their texts; neither copy nor ledger shows one."""
    numbers = "'11010519491231002X|138.?0013.?8000|6222021234567890123'"
    assert rows(f"select count(*) from landing.amr_penalties as p where p::text ~ {numbers}") != [(0,)]
    assert rows(f"select count(*) from public_copy.item where payload::text ~ {numbers}", "receiver") == [(0,)]
    assert rows(f"select count(*) from disclosure.payload where public::text ~ {numbers}") == [(0,)]
    assert rows("select count(*) from marts.disclosure_due where findings like '%identity_number%'") != [(0,)]


def test_every_record_leads_back_to_its_row_and_every_row_to_its_fate(clone: Path) -> None:
    """The two views lose nothing: one line per published record, at least one per received row."""
    assert rows(
        "select count(*) from disclosure.record as r left join marts.trace_back as t"
        " on t.record_id = r.record_id and t.version = r.version where t.uri is null"
    ) == [(0,)]
    assert rows(
        "select count(*) from landing.row_outcome as o left join marts.trace_forward as t"
        " on t.delivery_id = o.delivery_id and t.row_no = o.row_no where t.delivery_id is null"
    ) == [(0,)]


def test_lineage_events_lead_from_accepted_rows_to_the_mart_and_hold_no_password(clone: Path) -> None:
    """With a transport set, the one dbt task tells what it read and what it wrote, column by column."""
    texts = [path.read_text() for path in (clone / ".local").glob("lineage-*")]
    events = [json.loads(line) for text in texts for line in text.splitlines()]
    ended = [e for e in events if e["job"]["name"] == "warehouse.dbt" and e["eventType"] == "COMPLETE"]
    written = {data["name"]: data for event in ended for data in event["outputs"]}
    read = {data["name"] for event in ended for data in event["inputs"]}
    columns = written["warehouse.marts.fct_inspection"]["facets"]["columnLineage"]["fields"]
    passwords = json.loads((clone / ".local" / "postgres" / "passwords.json").read_text()).values()

    assert "warehouse.quality.agency_inspections_accepted" in read
    assert columns["conclusion"]["inputFields"]
    assert passwords
    assert not [password for password in passwords for text in texts if password in text]


def test_the_same_day_again_changes_nothing_that_matters(clone: Path) -> None:
    """Identical deliveries become duplicates; ledger and public copy stay as they were, byte for byte."""
    before = ledger(), public_copy()

    done = make(clone, "demo", f"SCALE={SCALE}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert (ledger(), public_copy()) == before
    assert rows("select count(*) from landing.delivery where status = 'duplicate'") != [(0,)]


def test_an_open_question_does_not_stop_a_withdrawal(clone: Path) -> None:
    """A decision revoked on the next day leaves the public copy while nobody assigned answers the day's reviews."""
    visible_before = {row[0] for row in public_copy() if row[4]}
    set_business_day(NEXT_DAY)
    generate.deliver(NEXT_DAY, 1, SCALE)
    began = dt.datetime.now(dt.UTC)
    demo.ingest(AirflowApi(), NEXT_DAY)
    assert run_dag("warehouse", None, follow=False) == 0
    assert run_dag("disclose", None, follow=False) == 0

    withdrawn = rows("select record_id from disclosure.record where reason_code = 'decision_revoked'")
    assert withdrawn
    assert {row[0] for row in withdrawn} <= visible_before
    assert not {row[0] for row in withdrawn} & {row[0] for row in public_copy() if row[4]}
    assert rows("select count(*) from disclosure.review where decision is null") != [(0,)]
    question = an_open_question()
    for user in ("maker", "admin"):
        with pytest.raises(AirflowApiError, match="403"):
            AirflowApi(user).answer(question, "Approve")

    demo.settle(AirflowApi(), began)
    difference = compare.compare(NEXT_DAY)
    assert not difference, difference.text()


def test_a_broken_rule_is_found_and_its_records_are_named(clone: Path) -> None:
    """With an objection window of 60 days the comparison says which records should be public and are not."""
    seed = clone / "dbt_project" / "seeds" / "rules" / "objection_window.csv"
    broken, changes = re.subn(r",15,calendar,", ",60,calendar,", seed.read_text())
    assert changes
    seed.write_text(broken)

    done = make(clone, "build", "FOLLOW=1")

    assert done.returncode == 0, done.stdout + done.stderr
    difference = compare.compare(NEXT_DAY).text()
    assert re.search(r"missing: gsxt spot_check \S+\|(producer|seller)", difference), difference
