"""Whatever instant a run dies at, the next one ends with the same public copy, nothing lost and nothing twice."""

import itertools
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from disclosure_records import DAY, record_id, sha256_of, spot_check
from disclosure_world import Entry, World

from market_regulation import disclosure, failpoints
from market_regulation.disclosure import deliver, plan, receipts, reconcile

pytestmark = pytest.mark.e2e

COMMON = [
    "plan.before_commit", "plan.committed", "deliver.begun", "deliver.before_take", "deliver.taken", "deliver.written",
    "deliver.before_mark", "deliver.marked", "receipts.kept", "receipts.before_commit", "receipts.committed",
    "reconcile.read", "reconcile.before_commit", "reconcile.committed",
]  # fmt: skip
OWN = {
    "exchange_db": ["exchange.rows_written", "exchange.before_commit", "exchange.committed", "exchange.asked"],
    "sftp_batch": ["sftp.documents_written", "sftp.rows_written", "sftp.manifest_written", "sftp.done", "sftp.asked"],
    "http_api": ["http.documents_written", "http.before_put", "http.answered", "http.asked"],
}
# passed only after a crash, a restore or a refusal
RARE = ["deliver.resumed", "adopt.read_back", "adopt.before_commit", "refusals.before_commit", "deliver.dissolved"]
TRANSPORTS = list(OWN)


def _matrix() -> list[Any]:
    """Every point on every transport; those that the short suite leaves out carry the mark ``chaos``."""
    cases = []
    for at, point in enumerate(COMMON):
        for place, transport in enumerate(TRANSPORTS):
            marks = () if at % len(TRANSPORTS) == place else (pytest.mark.chaos,)
            cases.append(pytest.param(transport, point, marks=marks))
    return cases + [pytest.param(transport, point) for transport, points in OWN.items() for point in points]


CHANGED = spot_check("S2", model="B-2")


def _prepare(world: World) -> None:
    """One record to withdraw, one to correct, one to publish, one that stays."""
    for key in ("S1", "S2", "S4"):
        world.due(key)
    world.disclose()
    world.ended("S1", "WITHDRAW", "decision_revoked")
    world.due("S2", CHANGED)
    world.due("S3")


def _assert_right(world: World) -> None:
    assert world.disclose() == {"match": 3, "missing": 0, "stale": 0, "extra": 0}
    assert world.public() == {"S2": (2, sha256_of(CHANGED))} | {k: (1, sha256_of(spot_check(k))) for k in ("S3", "S4")}
    assert world.outbox() == {}
    assert set(world.ledger()[3:]) == {
        Entry("S1", 2, "WITHDRAW", "decision_revoked"),
        Entry("S2", 2, "CORRECT", "content_changed"),
        Entry("S3", 1, "UPSERT", None),
    }
    assert len(world.ledger()) == 6
    assert sorted(world.applied()) == sorted(
        [*((record_id(k), 1) for k in ("S1", "S2", "S3", "S4")), (record_id("S1"), 2), (record_id("S2"), 2)]
    )
    assert world.publisher.execute("select * from disclosure.broken_link()").fetchall() == []


def _run_in_child(world: World, arm: Callable[[], None]) -> int:
    """Run the day in a child of this warm process; return how the child ended."""
    child = os.fork()
    if child == 0:
        try:
            arm()
            plan.plan(DAY)
            deliver.deliver(DAY)
            receipts.collect()
            reconcile.reconcile(DAY)
        finally:
            os._exit(0)
    with world.receiving():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_every_point_of_the_code_is_tried() -> None:
    sources = Path(disclosure.__file__).parent.rglob("*.py")
    named = {point for file in sources for point in re.findall(r'hit\("([a-z._]+)"\)', file.read_text())}
    assert named == {*COMMON, *RARE, *(point for points in OWN.values() for point in points)}
    assert len(named) >= 25


@pytest.mark.parametrize(("each_world", "point"), _matrix(), indirect=["each_world"])
def test_a_run_killed_at_a_point_is_repaired_by_the_next(each_world: World, point: str) -> None:
    world = each_world
    _prepare(world)

    ended = _run_in_child(world, lambda: os.environ.update({failpoints.VARIABLE: f"{point}=kill"}))

    assert ended == -signal.SIGKILL
    world.let_time_pass()
    _assert_right(world)


def test_a_run_killed_while_it_repairs_is_repaired_by_the_next(each_world: World) -> None:
    world = each_world
    _prepare(world)
    for point in ("deliver.written", "deliver.resumed"):
        ended = _run_in_child(world, lambda point=point: os.environ.update({failpoints.VARIABLE: f"{point}=kill"}))
        assert ended == -signal.SIGKILL
        world.let_time_pass()
    _assert_right(world)


@pytest.mark.parametrize("statement", [3, 9, 14, 18, 21, 26, 31, 37])
def test_a_run_killed_at_a_statement_is_repaired_by_the_next(world: World, statement: int) -> None:
    """As SQLite does it: die at the n-th statement, wherever that is."""
    _prepare(world)

    ended = _run_in_child(world, lambda: _die_at_statement(statement))

    assert ended == -signal.SIGKILL
    world.let_time_pass()
    _assert_right(world)


@pytest.mark.chaos
def test_every_statement_is_tried(each_world: World, empty_world: Callable[[], None]) -> None:
    """For n = 1, 2, 3 … until a run needs fewer statements than n."""
    for statement in itertools.count(1):
        empty_world()
        _prepare(each_world)
        ended = _run_in_child(each_world, lambda last=statement: _die_at_statement(last))
        each_world.let_time_pass()
        _assert_right(each_world)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert statement > 37  # what the short suite tries lies within


def _die_at_statement(last: int) -> None:
    execute, count = psycopg.Cursor.execute, 0

    def counted(self: psycopg.Cursor[Any], *arguments: Any, **options: Any) -> psycopg.Cursor[Any]:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *arguments, **options)

    psycopg.Cursor.execute = counted  # type: ignore[method-assign, assignment]
