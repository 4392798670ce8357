"""D6: whatever the order in which writers commit, each committed row of the outbox is taken once and no other."""

import random
from collections.abc import Iterator

import psycopg
import pytest
from disclosure_records import CHANNEL, DAY
from disclosure_world import World

from market_regulation import settings
from market_regulation.disclosure import batches, plan

pytestmark = pytest.mark.e2e

WRITERS, ROWS = 4, 3
QUEUE = """
insert into disclosure.outbox (record_id, version, channel, state, op, seq)
select record_id, version, channel, 'queued', op, seq from disclosure.record where seq = %s
"""
CLEAR = "delete from disclosure.outbox; delete from disclosure.sending; delete from disclosure.batch"


@pytest.fixture
def writers(world: World) -> Iterator[list[psycopg.Connection]]:
    """Writers whose rows stand in the ledger already, so that nothing makes one wait for another."""
    for number in range(WRITERS * ROWS):
        world.due(f"S{number}")
    plan.plan(DAY)
    world.admin_warehouse.execute(CLEAR)
    opened = [psycopg.connect(settings.dsn("warehouse", "publisher")) for _ in range(WRITERS)]
    yield opened
    for connection in opened:
        connection.close()


def test_fifty_orders_of_commits(world: World, writers: list[psycopg.Connection]) -> None:
    _try(world, writers, range(50))


@pytest.mark.chaos
def test_a_thousand_orders_of_commits(world: World, writers: list[psycopg.Connection]) -> None:
    _try(world, writers, range(1_000))


def _try(world: World, writers: list[psycopg.Connection], seeds: range) -> None:
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as sender:
        for seed in seeds:
            committed, taken = _interleave(writers, sender, random.Random(seed))
            assert sorted(taken) == sorted(committed), f"seed {seed}"
            world.admin_warehouse.execute(CLEAR)


def _interleave(
    writers: list[psycopg.Connection], sender: psycopg.Connection, chance: random.Random
) -> tuple[list[int], list[int]]:
    """Let each writer queue its rows one by one and commit or not, and the sender poll, in any order of steps.

    Returns:
        The numbers of the ledger rows that were committed to the outbox, and of those that were taken.
    """
    numbers = chance.sample(range(1, WRITERS * ROWS + 1), WRITERS * ROWS)
    steps = [writer for writer in range(WRITERS) for _ in range(ROWS + 1)] + ["poll"] * 6
    chance.shuffle(steps)
    queued: dict[int, list[int]] = {writer: [] for writer in range(WRITERS)}
    committed: list[int] = []
    for step in steps:
        if isinstance(step, str):
            _poll(sender)
        elif len(queued[step]) < ROWS:
            queued[step].append(numbers.pop())
            writers[step].execute(QUEUE, queued[step][-1:])
        elif chance.random() < 0.8:
            writers[step].commit()
            committed += queued[step]
        else:
            writers[step].rollback()
    _poll(sender)
    taken = sender.execute("select seq from disclosure.sending join disclosure.record using (record_id, version)")
    taken_numbers = [seq for (seq,) in taken]
    sender.commit()
    return committed, taken_numbers


def _poll(sender: psycopg.Connection) -> None:
    batches.make(sender, CHANNEL, DAY)
    sender.commit()
