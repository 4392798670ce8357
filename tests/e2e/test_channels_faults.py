"""Faults between sender and receiver, D2 and D5 to D9 of reliability.md: nothing is lost, halved or doubled."""

import io
import json
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import httpx
import psycopg
import pytest
from disclosure_records import CHANNEL, DAY, record_id
from disclosure_world import World, assert_delivered_once
from fault_proxy import MODES, FaultProxy

from market_regulation import failpoints, settings
from market_regulation.disclosure import deliver, feed, plan, receipts
from market_regulation.disclosure.channels import sftp_folder
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.disclosure.channels.http_calls import Calls, Keys
from market_regulation.sandbox import receiver_sftp

pytestmark = pytest.mark.e2e

on = pytest.mark.parametrize


def addresses() -> dict[str, str]:
    return json.loads((settings.home() / "sandbox" / "channels.json").read_text())


@pytest.fixture
def proxy(each_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FaultProxy]:
    """A proxy before the channel's server, by the settings of a production system."""
    known = addresses()
    url = httpx.URL(known["sftp_url" if each_world.transport == "sftp_batch" else "http_url"])
    made = FaultProxy(url.port or 0)
    hosts = (settings.home() / "sandbox" / "known_hosts").read_text().split(" ", 1)[1]
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{made.port} {hosts}")
    for name, value in {
        "SFTP_KNOWN_HOSTS": str(tmp_path / "known_hosts"),
        "GSXT_SFTP_URL": f"sftp://{receiver_sftp.USER}@127.0.0.1:{made.port}/{CHANNEL}",
        "GSXT_SFTP_PASSWORD": known["sftp_password"],
        "GSXT_HTTP_URL": f"http://127.0.0.1:{made.port}",
        "GSXT_HTTP_SIGNATURE": known["http_signature"],
        "GSXT_HTTP_KEY": known["http_key"],
        "CHANNEL_TIMEOUT_SECONDS": "0.6",
    }.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


@on("each_world", ["http_api"], indirect=True)
@on("mode", MODES)
def test_a_lost_cut_or_late_answer_means_unknown_and_is_asked_again(
    each_world: World, proxy: FaultProxy, mode: str
) -> None:
    each_world.due("S1")
    plan.plan(DAY)
    proxy.arm(mode, b"PUT /batches/", delay=1.0)

    with pytest.raises(ChannelError):
        deliver.deliver(DAY)

    assert each_world.outbox() == {(record_id("S1"), 1): "unknown"}
    proxy.heal()
    assert_delivered_once(each_world, "S1")


@on(
    ("status", "body"),
    [(200, b""), (200, b'{"batch_no": "1"'), (200, b"[]"), (502, b"<html>"), (204, b"")],
    ids=["empty", "cut", "list", "gateway", "no content"],
)
def test_a_status_without_a_whole_answer_is_no_success(status: int, body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    with httpx.Client(transport=transport) as client, pytest.raises(ChannelError, match="without a whole answer"):
        Calls(client, "http://receiver", Keys("none", "", "")).get("/batches", {})


@on("each_world", ["http_api"], indirect=True)
@on("algorithm", ["none", "hmac-sm3", "sm2"])
def test_answers_are_signed_as_agreed_and_forged_ones_change_nothing(
    each_world: World, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    from market_regulation.disclosure.channels.signing import public_key

    file = settings.home() / "sandbox" / "receiver_keys.json"
    before = file.read_text()
    ours, theirs = ("a1" * 32, "b2" * 32) if algorithm == "sm2" else ("secret", "secret")
    check_ours, check_theirs = (public_key(ours), public_key(theirs)) if algorithm == "sm2" else (ours, theirs)
    monkeypatch.setenv("GSXT_HTTP_URL", addresses()["http_url"])
    monkeypatch.setenv("GSXT_HTTP_SIGNATURE", algorithm)
    monkeypatch.setenv("GSXT_HTTP_KEY", ours)
    monkeypatch.setenv("GSXT_HTTP_ANSWER_KEY", check_theirs)
    try:
        file.write_text(json.dumps({"algorithm": algorithm, "own": theirs, "other": check_ours}))
        each_world.due("S1")
        each_world.send()
        each_world.turn()
        if algorithm != "none":
            file.write_text(json.dumps({"algorithm": algorithm, "own": "c3" * 32, "other": check_ours}))
            with pytest.raises(ChannelError, match="signature"):
                receipts.collect()
            assert each_world.outbox() == {(record_id("S1"), 1): "sent"}
            file.write_text(json.dumps({"algorithm": algorithm, "own": theirs, "other": check_ours}))
        assert_delivered_once(each_world, "S1")
    finally:
        file.write_text(before)


def test_a_paused_sender_that_wakes_up_marks_nothing_and_fails(each_world: World) -> None:
    each_world.due("S1")
    plan.plan(DAY)
    child = os.fork()
    if child == 0:
        os.environ[failpoints.VARIABLE] = "deliver.taken=pause"
        try:
            deliver.deliver(DAY)
        except BaseException:  # noqa: BLE001 - whatever it is, the child ends without a success
            os._exit(1)
        os._exit(0)
    assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
    assert deliver.deliver(DAY).rows == 1
    os.kill(child, signal.SIGCONT)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert_delivered_once(each_world, "S1")


def test_rows_committed_late_are_sent_all_and_once(each_world: World) -> None:
    """Four writers whose transactions overlap, while the sender polls."""
    world = each_world
    world.due("S0")
    world.disclose()
    world.forget("S0")
    chance = random.Random(6)

    def write(writer: int) -> None:
        with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
            for number in range(6):
                connection.execute(
                    "insert into disclosure.record (record_id, version, op, origin, record_type, channel, subject_key,"
                    " source_delivery_id, source_row_no, business_day, rule_id, due_on, payload_sha256, entered_by)"
                    " select %s, 1, op, origin, record_type, channel, subject_key, source_delivery_id, source_row_no,"
                    " business_day, rule_id, due_on, payload_sha256, entered_by from disclosure.record where seq = 1",
                    [f"{writer}-{number}"],
                )
                connection.execute(
                    "insert into disclosure.outbox (record_id, version, channel, state, op, seq)"
                    " select record_id, version, channel, 'queued', op, seq from disclosure.record"
                    " where record_id = %s",
                    [f"{writer}-{number}"],
                )
                time.sleep(chance.random() / 50)
                connection.commit()

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        deliver.deliver(DAY)
    for thread in threads:
        thread.join()
    deliver.deliver(DAY)
    world.turn()

    names = [name for name, _ in world.applied()]
    assert sorted(names) == sorted([record_id("S0"), *(f"{w}-{n}" for w in range(4) for n in range(6))])


@on("each_world", ["sftp_batch"], indirect=True)
class TestFiles:
    """D7: a batch of files is taken whole or not at all."""

    @on("percent", [pytest.param(p, marks=() if p % 10 == 0 else pytest.mark.chaos) for p in range(0, 100, 5)])
    def test_an_upload_cut_anywhere_is_taken_whole_or_not_at_all(
        self, each_world: World, proxy: FaultProxy, percent: int
    ) -> None:
        each_world.due("S0")
        each_world.disclose()
        each_world.due("S1")
        each_world.due("S2")
        plan.plan(DAY)
        proxy.arm("reset", 2_000 + 9_000 * percent // 100)  # a login takes 2 kB, all of it 10 kB
        try:
            deliver.deliver(DAY)
        except ChannelError:
            assert set(each_world.outbox().values()) <= {"unknown", "queued"}
        each_world.turn()
        assert set(each_world.public()) in ({"S0"}, {"S0", "S1", "S2"})
        proxy.heal()
        assert_delivered_once(each_world, "S0", "S1", "S2")
        assert each_world.refused() == []

    def test_a_slow_line_is_given_the_time_it_needs_and_a_silent_one_is_not(
        self, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sftp_folder, "_BLOCK", 1_000)
        content, back = os.urandom(20_000), io.BytesIO()
        with sftp_folder.open_folder(CHANNEL) as folder:
            folder.make(".")
            proxy.arm("slow", 0, delay=0.1)
            for step in (lambda: folder.upload("large", io.BytesIO(content)), lambda: folder.download("large", back)):
                began = time.monotonic()
                step()
                assert time.monotonic() - began > 3 * feed.channel_timeout()
            assert back.getvalue() == content
            proxy.arm("blackhole", 0)
            began = time.monotonic()
            with pytest.raises(ChannelError, match="no answer within"):
                folder.upload("large", io.BytesIO(content))
            assert time.monotonic() - began < 5

    def test_of_a_file_of_receipts_only_the_unreadable_row_is_left_out(
        self, each_world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        each_world.due("S1")
        each_world.due("S2")
        each_world.send()
        each_world.turn()
        (file,) = (receiver_sftp.root() / CHANNEL / "receipts").glob("*.csv")
        heading, *rows = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(heading + b'\xff\xfe,"broken\n' + b"".join(rows))

        receipts.collect()

        assert each_world.outbox() == {}
        (logged,) = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
        assert f"receipts/{file.name}, row 1" in logged

    def test_a_refused_rename_is_tried_again_under_the_same_number(
        self, each_world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        each_world.due("S1")
        plan.plan(DAY)

        def refuse(*_: object) -> None:
            raise asyncssh.SFTPFailure("refused")

        with monkeypatch.context() as patch:
            patch.setattr(receiver_sftp.Files, "rename", refuse)
            with pytest.raises(ChannelError, match="refused"):
                deliver.deliver(DAY)
        each_world.turn()
        assert each_world.public() == {}
        assert_delivered_once(each_world, "S1")
        assert [file.name[-8:] for file in (receiver_sftp.root() / CHANNEL).glob("*.csv")] == ["0001.csv"]

    def test_a_mark_without_data_is_refused_and_the_rows_come_in_the_next_batch(self, each_world: World) -> None:
        folder = receiver_sftp.root() / CHANNEL
        folder.mkdir(parents=True)
        (folder / "11310000MB0000000920260316GX0001.done").touch()
        each_world.due("S1")
        each_world.send()
        each_world.turn()
        assert each_world.public() == {}
        receipts.collect()
        assert_delivered_once(each_world, "S1")

    @on("change", [{"rows": 2}, {"sha256": "0" * 64}, {"content_sha256": "0" * 64}, {"previous_batch": "X"}])
    def test_a_wrong_manifest_refuses_the_batch_and_the_rows_come_in_the_next_one(
        self, each_world: World, change: dict[str, object]
    ) -> None:
        each_world.due("S1")
        each_world.send()
        (file,) = (receiver_sftp.root() / CHANNEL).glob("*.manifest.json")
        file.write_text(json.dumps(json.loads(file.read_text()) | change))
        each_world.turn()
        assert each_world.public() == {}
        assert receipts.collect().refused in ({"E201": 1}, {"E202": 1})
        assert_delivered_once(each_world, "S1")


class TestExchange:
    """D8: the receiver's hands in the exchange tables."""

    def test_a_locked_table_holds_up_this_channel_only_and_nothing_is_half_written(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.due("S1")
        plan.plan(DAY)
        monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=300ms")
        with world.admin_exchange.transaction():
            world.admin_exchange.execute("lock outbound.spot_check")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                deliver.deliver(DAY)
        assert world.exchange.execute("select count(*) from outbound.batch").fetchone() == (0,)
        assert_delivered_once(world, "S1")

    def test_a_row_that_the_receiver_deleted_is_sent_again(self, world: World) -> None:
        world.due("S1")
        world.due("S2")
        world.send()
        world.admin_exchange.execute("delete from outbound.spot_check where record_id = %s", [record_id("S1")])
        world.turn()
        assert receipts.collect().refused == {"E201": 2}
        assert_delivered_once(world, "S1", "S2")

    def test_a_changed_column_stops_the_batch_until_it_is_changed_back(self, world: World) -> None:
        world.due("S1")
        plan.plan(DAY)
        world.admin_exchange.execute("alter table outbound.spot_check rename column payload to content")
        try:
            with pytest.raises(psycopg.errors.UndefinedColumn):
                deliver.deliver(DAY)
        finally:
            world.admin_exchange.execute("alter table outbound.spot_check rename column content to payload")
        assert_delivered_once(world, "S1")
