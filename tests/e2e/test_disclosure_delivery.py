"""Delivery to the sandbox's receiver: batches, order of versions, two senders at once."""

import datetime as dt
import hashlib
import logging

import psycopg
import pytest
from disclosure_records import DAY, record_id, sha256_of, spot_check
from disclosure_world import CLEAN, Entry, World

from market_regulation.database import lease
from market_regulation.disclosure import batches, deliver, plan, receipts, reconcile
from market_regulation.disclosure.channels.exchange_db import ExchangeDb

pytestmark = pytest.mark.e2e


class TestBatches:
    """The feed contract of domain.md 8.4."""

    def test_numbers_have_no_gaps_and_each_batch_names_the_one_before(self, world: World) -> None:
        days = [DAY, DAY, DAY + dt.timedelta(days=1), DAY]
        for number, day in enumerate(days):
            world.forget(f"S{number - 1}")  # withdrawn, in a batch of its own
            world.due(f"S{number}", day=day)
            world.disclose(day)

        written = ["16GX0001", "16GX0002", "16GX0003", "17GX0001", "17GX0002", "16GX0004", "16GX0005"]
        numbers = [f"11310000MB00000009202603{number}" for number in written]
        rows = world.exchange.execute("select batch_no, previous_batch from outbound.batch order by created_at")
        assert rows.fetchall() == list(zip(numbers, [None, *numbers], strict=False))

    def test_the_head_of_a_batch_covers_its_rows_and_witnesses_the_ledger(self, world: World) -> None:
        for key in ("S1", "S2", "S3"):
            world.due(key)
        world.disclose()

        lines = sorted(f"{record_id(k)},1,UPSERT,{sha256_of(spot_check(k))}\n" for k in ("S1", "S2", "S3"))
        head = world.publisher.execute(
            "select seq || ':' || row_sha256 from disclosure.record where seq = 3"
        ).fetchone()
        row = world.exchange.execute(
            "select rows, content_sha256, chain_head, business_day from outbound.batch"
        ).fetchone()
        assert row == (3, hashlib.sha256("".join(lines).encode()).hexdigest(), head[0] if head else None, DAY)

    def test_a_large_day_goes_out_in_several_batches_withdrawals_first_and_by_themselves(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "BATCH", 2)
        world.due("S0")
        world.disclose()
        for number in range(1, 6):
            world.due(f"S{number}")
        plan.plan(DAY)
        world.ended("S0", "WITHDRAW", "decision_revoked")

        world.disclose()

        counts = world.exchange.execute("select rows from outbound.batch order by created_at").fetchall()
        assert counts == [(1,), (1,), (2,), (2,), (1,)]
        second = world.exchange.execute("select op from outbound.spot_check where batch_no like '%%0002'").fetchall()
        assert second == [("WITHDRAW",)]


class TestOrder:
    """A version waits for the one before it; a withdrawal waits for nothing."""

    def test_a_correction_waits_for_the_receipt_of_the_version_before(self, world: World) -> None:
        world.due("S1")
        world.send()
        world.due("S1", spot_check("S1", model="B-2"))
        world.send()
        assert world.outbox() == {(record_id("S1"), 1): "sent", (record_id("S1"), 2): "queued"}

        world.turn()
        receipts.collect()
        world.disclose()

        assert world.public() == {"S1": (2, sha256_of(spot_check("S1", model="B-2")))}
        assert world.applied() == [(record_id("S1"), 1), (record_id("S1"), 2)]

    def test_a_correction_waits_for_the_correction_before(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        for model in ("B-2", "C-3"):
            world.due("S1", spot_check("S1", model=model))
            world.send()

        assert world.outbox() == {(record_id("S1"), 2): "sent", (record_id("S1"), 3): "queued"}

    def test_a_correction_of_a_version_that_was_refused_becomes_a_first_publication(self, world: World) -> None:
        world.due("S1", spot_check("S1", product_name="玩具 13812345678"))
        world.send()
        world.due("S1")
        world.send()  # the correction is written before the refusal of version 1 is known
        world.turn()
        receipts.collect()
        deliver.deliver(DAY)
        assert world.outbox() == {(record_id("S1"), 1): "rejected", (record_id("S1"), 2): "queued"}

        world.disclose()
        world.disclose()

        assert world.public() == {"S1": (3, sha256_of(spot_check("S1")))}
        assert world.ledger()[2] == Entry("S1", 3, "UPSERT", None)
        assert world.outbox() == {}

    def test_a_withdrawal_does_not_wait_for_the_answer_to_what_it_withdraws(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The receiver lost the batch with version 1; version 2 ends the record, and version 1 is never shown."""
        world.due("S1")
        world.send()
        numbers = world.exchange.execute("select batch_no from outbound.batch").fetchall()
        world.public_copy.execute("insert into public_copy.batch (batch_no) values (%s)", numbers[0])  # read, and lost
        world.ended("S1", "WITHDRAW", "decision_revoked")
        world.send()
        world.turn()
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0")
        receipts.collect()
        assert world.outbox() == {(record_id("S1"), 1): "sent"}

        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "10")
        with world.receiving():
            reconcile.reconcile(DAY)
        world.let_time_pass()
        world.disclose()

        assert world.public() == {}
        assert world.outbox() == {}
        assert world.applied() == [(record_id("S1"), 2)]


class TestSenders:
    """Two senders, and a key that is taken."""

    def test_a_stale_sender_marks_nothing_and_fails(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.due("S1")
        plan.plan(DAY)
        write = ExchangeDb.write

        def slow_write(*arguments: object) -> None:
            write(*arguments)  # type: ignore[arg-type]
            lease.take(world.publisher, "deliver.gsxt")  # meanwhile another sender starts
            world.publisher.commit()

        monkeypatch.setattr(ExchangeDb, "write", slow_write)
        with pytest.raises(lease.StaleLeaseError):
            deliver.deliver(DAY)
        monkeypatch.undo()

        assert world.outbox() == {(record_id("S1"), 1): "unknown"}

    def test_a_batch_that_somebody_changed_is_alarmed_refused_and_replaced(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.due("S1")
        world.die_at("deliver.written")
        world.admin_exchange.execute("update outbound.spot_check set row_hash = repeat('0', 64)")
        world.let_time_pass()

        assert deliver.deliver(DAY) == deliver.Delivered(batches=1, rows=1, resumed=1, altered=1)

        assert [r.levelno for r in caplog.records if "another content" in r.message] == [logging.CRITICAL]
        world.turn()
        assert receipts.collect().refused == {"E201": 1}
        assert world.public() == {}
        world.let_time_pass()
        assert world.disclose() == {"match": 1, **CLEAN}
        assert world.applied() == [(record_id("S1"), 1)]

    def test_a_version_that_the_receiver_holds_with_other_content_is_refused_once_and_alarmed(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.due("S1")
        world.send()
        world.public_copy.execute(
            "insert into public_copy.item (channel, record_id, version, record_type, op, payload, payload_sha256,"
            " visible) values ('gsxt', %s, 1, 'spot_check', 'UPSERT', %s, 'x', true)",
            [record_id("S1"), '{"sample_no": "F1"}'],
        )
        world.turn()

        assert receipts.collect().refused == {"E204": 1}

        assert world.outbox() == {(record_id("S1"), 1): "rejected"}
        assert [r.levelno for r in caplog.records if "E204" in r.message and r.levelno > logging.INFO] == [
            logging.CRITICAL
        ]
        world.let_time_pass()
        assert deliver.deliver(DAY) == deliver.Delivered()

    def test_after_a_failure_rows_wait_as_the_schedule_says(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """domain.md 8.4: 1, 5, 15, 60 minutes, then hourly."""
        world.due("S1")
        plan.plan(DAY)

        def fail(*_: object) -> None:
            raise psycopg.OperationalError("the exchange is away")

        monkeypatch.setattr(ExchangeDb, "write", fail)
        waits = []
        for _ in range(6):
            with pytest.raises(psycopg.OperationalError):
                deliver.deliver(DAY)
            assert deliver.deliver(DAY) == deliver.Delivered()  # not before its time
            ((wait,),) = world.publisher.execute("select next_try_at - now() from disclosure.batch").fetchall()
            waits.append(round(wait.total_seconds() / 60))
            world.let_time_pass()
        assert waits == [1, 5, 15, 60, 60, 60]
