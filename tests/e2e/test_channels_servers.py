"""The other side dies in the middle, D5, D7, D8 of reliability.md: full disks, lost sessions, a sender that sleeps."""

import itertools
import os
import signal
from collections.abc import Sequence

import asyncssh
import psycopg
import pytest
from disclosure_records import DAY, record_id
from disclosure_world import World, assert_delivered_once

from market_regulation import failpoints
from market_regulation.disclosure import deliver, plan, receipts
from market_regulation.disclosure.channels import exchange_db
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.sandbox import receiver_sftp
from market_regulation.sandbox.receiver_exchange import ExchangeDoor
from market_regulation.sandbox.receiver_store import Receipt

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("each_world", ["sftp_batch"], indirect=True)
def test_a_disk_that_is_full_at_the_nth_write_takes_no_part_of_a_batch(
    each_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For n = 1, 2, 3 … until a run needs fewer writes than n."""
    write, keys = receiver_sftp.Files.write, list[str]()
    for n in itertools.count(1):
        left = [n]

        def full_at_n(self: receiver_sftp.Files, file: object, offset: int, data: bytes, left: list[int] = left) -> int:
            left[0] -= 1
            if left[0] == 0:
                raise asyncssh.SFTPNoSpaceOnFilesystem("no space left")
            return write(self, file, offset, data)

        before = set(keys)
        keys.append(f"S{n}")
        each_world.due(keys[-1])
        plan.plan(DAY)
        with monkeypatch.context() as patch:
            patch.setattr(receiver_sftp.Files, "write", full_at_n)
            try:
                deliver.deliver(DAY)
            except ChannelError:
                each_world.turn()
                assert set(each_world.public()) == before
        assert_delivered_once(each_world, *keys)
        assert each_world.refused() == []
        if left[0] > 0:
            break
    assert n > 2  # the rows and the manifest at the least


@pytest.mark.parametrize("point", ["exchange.rows_written", "exchange.before_commit"])
def test_a_session_ended_in_mid_write_leaves_nothing_half_written(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    world.due("S1")
    plan.plan(DAY)
    end = (
        "select pg_terminate_backend(a.pid, 5000) from pg_stat_activity as a"
        " where a.datname = current_database() and a.usename = 'publisher'"
    )
    with monkeypatch.context() as patch:
        patch.setattr(exchange_db, "hit", lambda name: name == point and world.admin_exchange.execute(end))
        with pytest.raises(psycopg.OperationalError):
            deliver.deliver(DAY)

    assert world.outbox() == {(record_id("S1"), 1): "unknown"}
    assert world.exchange.execute("select count(*) from outbound.batch").fetchone() == (0,)
    assert_delivered_once(world, "S1")
    assert world.refused() == []


def test_a_session_of_the_warehouse_ended_after_the_write_leaves_it_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.due("S1")
    plan.plan(DAY)
    end = (
        "select pg_terminate_backend(a.pid, 5000) from pg_stat_activity as a"
        " where a.datname = current_database() and a.usename = 'publisher' and a.pid <> %s"
    )
    keep = [world.publisher.info.backend_pid]
    with monkeypatch.context() as patch:
        patch.setattr(
            exchange_db, "hit", lambda name: name == "exchange.committed" and world.admin_warehouse.execute(end, keep)
        )
        with pytest.raises(psycopg.OperationalError):
            deliver.deliver(DAY)

    assert world.outbox() == {(record_id("S1"), 1): "unknown"}
    assert_delivered_once(world, "S1")
    assert world.refused() == []


def test_a_receiver_that_dies_among_its_answers_is_asked_for_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        world.due(f"S{number}")
    world.send()
    send = ExchangeDoor.send

    def die_half_way(door: ExchangeDoor, answers: Sequence[Receipt]) -> None:
        send(door, answers[:2])
        raise ConnectionError("the receiver is gone")

    with monkeypatch.context() as patch:
        patch.setattr(ExchangeDoor, "send", die_half_way)
        with pytest.raises(ConnectionError):
            world.turn()
        patch.setenv("RECEIPT_WAIT_SECONDS", "0")
        assert (receipts.collect().acknowledged, len(world.outbox())) == (2, 2)

    assert_delivered_once(world, *(f"S{number}" for number in range(4)))

    assert world.refused() == []


@pytest.mark.parametrize("point", ["exchange.rows_written", "exchange.before_commit", "deliver.written"])
def test_a_sender_that_sleeps_in_mid_write_holds_up_the_next_no_longer_than_a_lock_may(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """D5: when it wakes up its rows lie there once, and it marks nothing."""
    world.due("S1")
    plan.plan(DAY)
    child = os.fork()
    if child == 0:
        os.environ[failpoints.VARIABLE] = f"{point}=pause"
        try:
            deliver.deliver(DAY)
        except BaseException:  # noqa: BLE001 - whatever it is, the child ends without a success
            os._exit(1)
        os._exit(0)
    assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
    with monkeypatch.context() as patch:
        patch.setenv("PGOPTIONS", "-c lock_timeout=300ms")
        if point == "deliver.written":
            assert deliver.deliver(DAY).rows == 1
        else:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                deliver.deliver(DAY)
    os.kill(child, signal.SIGCONT)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert_delivered_once(world, "S1")
    assert world.refused() == []
