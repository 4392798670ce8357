"""The worker is killed at a random moment of an ingest; repeated, it leaves the tables of an undisturbed one.

The moments are spread evenly over the time that an undisturbed run takes, each somewhere in its own slice by a seeded
generator. Four of them are part of every test run, twenty of ``make chaos``.
"""

import datetime as dt
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
SEED = 20260316
ROWS = 2_000
Make = Callable[..., Source]

# What an ingest leaves, without times. Deliveries are numbered within their source: their own numbers count on, and a
# killed entry leaves a gap.
NO = "(select count(*) from landing.delivery as n where n.source = '{{0}}' and n.delivery_id <= {})".format
TABLES = {
    "landing": "select business_day, row_no, _raw, code, name, seen_on from landing.{0}",
    "delivery": "select submitter, profile, regexp_replace(uri, 'return-[0-9]+', 'return-N'), received_rows,"
    " accepted_rows, quarantined_rows, duplicate_rows, blocked_rows, status, message"
    " from landing.delivery where source = '{0}'",
    "duplicate": f"select s.row_no, s.same_as_row_no, {NO('s.same_as_delivery_id')}, {NO('s.delivery_id')}"
    " from landing.duplicate as s join landing.delivery as d using (delivery_id) where d.source = '{0}'",
    "quarantine": "select row_no, source_key, record, rule_ids, reasons, warned_ids, warnings,"
    f" {NO('resolved_by_delivery_id')}, {NO('q.delivery_id')}"
    " from quality.quarantine as q where source = '{0}'",
    "result": "select rule_id, action, severity, evaluated_rows, failed_rows, gx_failed_rows, verdict"
    " from quality.result where source = '{0}'",
    "correction": f"select c.row_no, {NO('c.delivery_id')}, {NO('c.of_delivery_id')}, c.of_row_no"
    " from landing.correction as c join landing.delivery as d using (delivery_id) where d.source = '{0}'",
    "event": "select e.status, e.message from landing.delivery_event as e"
    " join landing.delivery as d using (delivery_id) where d.source = '{0}'",
    "return_file": "select f.rows from quality.return_file as f"
    " join landing.delivery as d using (delivery_id) where d.source = '{0}'",
    "accepted": "select source_key, name, seen_on_date from quality.{0}_accepted",
    "outcome": "select o.row_no, o.outcome, o.rule_ids from landing.row_outcome as o"
    " join landing.delivery as d using (delivery_id) where d.source = '{0}'",
    "snapshots": "select tablename from pg_tables where schemaname = 'quality' and tablename ~ '^{0}_(check|texts)_'",
}


def dirty_rows() -> str:
    """A file with rows of every fate: good, bad, twice the same, twice the same key, unreadable, warned of."""
    lines = ["编号,名称,日期"]
    for number in range(ROWS - ROWS // 80):
        name = "丙" if number % 50 == 7 else "甲" if number % 3 else "乙"
        key = number - 1 if number % 40 == 1 else number
        lines.append(f"K{key},{name},2026-03-{number % 28 + 1:02}" + (",x" if number % 200 == 5 else ""))
    lines += lines[2 : 2 + 2 * (ROWS // 80) : 2]
    return "\n".join(lines) + "\n"


@pytest.fixture
def make(make_source: Make, rule: Callable[..., Any]) -> Callable[[str], Source]:
    """Make a source with rules that quarantine, resolve and warn."""
    rules = [
        rule(2, "be_in_set", column="name", value_set=["甲", "乙"]),
        rule(3, "match_regex", column="seen_on", regex="-0[1-9]$", action="warn"),
    ]
    return lambda name: make_source(name, rules=rules, volume={"min": 1, "max": 10 * ROWS})


def ingest(source: Source) -> None:
    """What a run of ``ingest__<source>`` does."""
    collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    send_back(source)


def prepared(source: Source) -> Source:
    """Have two rows rejected, and the inbox hold their corrected return file beside a file of dirty rows."""
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True)
    (inbox / "0.csv").write_text("编号,名称,日期\nA1,丙,2026-03-01\nA2,丙,2026-03-01\n")
    collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    [path] = send_back(source)
    book = load_workbook(path)
    for cells in book.active.iter_rows():
        if cells[0].value == "1":
            cells[3].value = "甲"
    book.save(inbox / path.name)
    (inbox / "a.csv").write_text(dirty_rows())
    return source


def tables(warehouse: psycopg.Connection, source: Source) -> dict[str, list[Any]]:
    """Everything that an ingest wrote, in an order of its own, the name of the source taken out."""
    found = {}
    for name, query in TABLES.items():
        rows = warehouse.execute(query.format(source.source).encode(), ()).fetchall()
        found[name] = sorted(repr(row).replace(source.source, "SOURCE") for row in rows)
    return found


def ingest_in_child(source: Source, killed_after: float | None) -> tuple[float, int]:
    """Ingest in a forked child, killed by SIGKILL after so many seconds; return how long it took and its exit code."""
    process = multiprocessing.get_context("fork").Process(target=ingest, args=(source,), daemon=True)
    began = time.monotonic()
    process.start()
    process.join(killed_after if killed_after is not None else 120)
    if killed_after is not None and process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join(120)
    assert process.exitcode is not None
    return time.monotonic() - began, process.exitcode


def kill_and_compare(count: int, name: str, make: Callable[[str], Source], warehouse: psycopg.Connection) -> list[int]:
    """Kill ``count`` ingests, one in each slice of an undisturbed one's time; return how each child ended."""
    source = prepared(make(f"{name}_undisturbed"))  # which has imported what a worker has
    took, ended = ingest_in_child(source, None)
    assert ended == 0
    expected = tables(warehouse, source)
    assert len(expected["landing"]) == ROWS + 4
    assert [table for table, rows in expected.items() if not rows] == ["snapshots"]
    moments = random.Random(SEED)
    ends = []
    for number in range(count):
        source = prepared(make(f"{name}_{number}"))
        moment = took * (number + moments.random()) / count
        ends.append(ingest_in_child(source, moment)[1])
        for _ in range(2):  # the second time, nothing is left to do
            ingest(source)
            assert tables(warehouse, source) == expected, f"killed {moment:.3f} s after the start (seed {SEED})"
    return ends


def test_killed_at_any_moment_the_repeated_ingest_leaves_the_same_tables(
    make: Callable[[str], Source], warehouse: psycopg.Connection
) -> None:
    assert -signal.SIGKILL in kill_and_compare(4, "kill_few", make, warehouse)


@pytest.mark.chaos
def test_killed_at_twenty_moments_the_repeated_ingest_leaves_the_same_tables(
    make: Callable[[str], Source], warehouse: psycopg.Connection
) -> None:
    ends = kill_and_compare(20, "kill_many", make, warehouse)
    assert ends.count(-signal.SIGKILL) >= 15  # a run that was faster than the undisturbed one ends by itself
