"""Delivery, receipts and reconciliation against the sandbox's receiver: what is lost, late, forged, altered, down."""

import datetime as dt
import hashlib
import logging
import os
import signal

import psycopg
import pytest
from disclosure_world import DAY, Entry, World, record_id, sha256_of, spot_check

from market_regulation.database import lease
from market_regulation.disclosure import deliver, plan, receipts, reconcile
from market_regulation.sandbox import receiver_store

pytestmark = pytest.mark.e2e

CLEAN = {"missing": 0, "stale": 0, "extra": 0}


class TestBatches:
    """The feed contract of domain.md 8.4."""

    def test_numbers_have_no_gaps_and_each_batch_names_the_one_before(self, world: World) -> None:
        days = [DAY, DAY, DAY + dt.timedelta(days=1), DAY]
        for number, day in enumerate(days):
            world.forget(f"S{number - 1}")
            world.due(f"S{number}", day=day)
            world.disclose(day)

        written = ("20260316GX0001", "20260316GX0002", "20260317GX0001", "20260316GX0003")
        numbers = [f"11310000MB00000009{number}" for number in written]
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

    def test_a_large_day_goes_out_in_several_batches_withdrawals_first(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deliver, "BATCH", 2)
        world.due("S0")
        world.disclose()
        for number in range(1, 6):
            world.due(f"S{number}")
        plan.plan(DAY)
        world.ended("S0", "WITHDRAW", "decision_revoked")

        world.disclose()

        counts = world.exchange.execute("select rows from outbound.batch order by created_at").fetchall()
        assert counts == [(1,), (2,), (2,), (2,)]
        second = world.exchange.execute("select op from outbound.spot_check where batch_no like '%%0002'").fetchall()
        assert ("WITHDRAW",) in second


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

    def test_a_withdrawal_arrives_before_the_version_it_withdraws(self, world: World) -> None:
        """Both orders of arrival end withdrawn: the late version is superseded (E203), and that settles it."""
        world.due("S1")
        plan.plan(DAY)
        world.publisher.execute(
            "update disclosure.outbox set state = 'unknown', next_try_at = now() + interval '1 hour'"
        )
        world.ended("S1", "WITHDRAW", "decision_revoked")
        world.send()
        world.turn()
        receipts.collect()
        assert world.outbox() == {(record_id("S1"), 1): "unknown"}

        world.let_time_pass()
        deliver.deliver(DAY)
        world.turn()
        assert receipts.collect().superseded == 1

        assert world.public() == {}
        assert world.outbox() == {}


class TestAnswers:
    """Receipts that are lost, repeated, out of order or forged."""

    def test_a_receiver_that_is_down_gets_everything_when_it_is_up_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0.3")
        for number in range(3):
            day = DAY + dt.timedelta(days=number)
            world.warehouse.execute("update marts.disclosure_due set valid_day = %s", [day])
            world.due(f"S{number}", day=day)
            world.send(day)
            assert receipts.collect().unanswered == number + 1
            with pytest.raises(reconcile.InventoryUnansweredError, match=r"no answer within 0\.3 s"):
                reconcile.reconcile(day)
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "10")

        assert world.disclose(DAY + dt.timedelta(days=2)) == {"match": 3, **CLEAN}

        assert world.outbox() == {}
        assert len(world.applied()) == 3

    def test_lost_receipts_are_resolved_by_the_inventory(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "2")
        world.misbehave("drop_receipts")
        world.due("S1")

        assert world.disclose() == {"match": 1, **CLEAN}

        assert world.outbox() == {}
        known_from = world.publisher.execute("select verdict, message, published_on from disclosure.receipt").fetchall()
        assert known_from == [("accepted", "held according to the inventory", DAY)]

    def test_a_row_the_receiver_lost_is_sent_again_when_its_time_is_up(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.due("S1")
        world.send()
        numbers = world.exchange.execute("select batch_no from outbound.batch").fetchall()
        world.public_copy.execute("insert into public_copy.batch (batch_no) values (%s)", numbers[0])  # read, and lost
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0.5")
        with world.receiving():
            receipts.collect()
            reconcile.reconcile(DAY)
            assert world.outbox() == {(record_id("S1"), 1): "sent"}
            world.let_time_pass()
            reconcile.reconcile(DAY)
        assert world.outbox() == {(record_id("S1"), 1): "queued"}

        assert world.disclose() == {"match": 1, **CLEAN}

        assert world.outbox() == {}

    def test_repeated_and_contradicting_receipts_change_nothing(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        (number,) = world.exchange.execute("select batch_no from outbound.batch").fetchall()
        for name, verdict in (("late-1", "duplicate"), ("late-2", "rejected"), ("late-3", "accepted")):
            _forge(world, name, number[0], record_id("S1"), 1, verdict)

        collected = receipts.collect()

        assert (collected.refused, collected.stray, world.outbox()) == ({}, 0, {})
        assert world.disclose() == {"match": 1, **CLEAN}
        assert len(world.ledger()) == 1

    @pytest.mark.parametrize(
        ("record", "version", "batch"),
        [("unknown", 1, None), ("S1", 2, None), ("S1", 1, "11310000MB0000000920260316GX0099")],
        ids=["unknown record", "unknown version", "other batch"],
    )
    def test_forged_receipts_are_reported_and_change_nothing(
        self,
        world: World,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        record: str,
        version: int,
        batch: str | None,
    ) -> None:
        world.due("S1")
        world.send()
        (number,) = world.exchange.execute("select batch_no from outbound.batch").fetchall()
        _forge(world, "forged-1", batch or number[0], record_id(record), version, "accepted")
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0")

        collected = receipts.collect()

        assert (collected.stray, collected.acknowledged, collected.unanswered) == (1, 0, 1)
        assert world.publisher.execute("select count(*) from disclosure.receipt").fetchone() == (0,)
        assert "forged-1" in caplog.text

    def test_a_receipt_before_our_mark_is_kept_and_settles_after_it(self, world: World) -> None:
        world.due("S1")
        _die_at(world, "deliver.written")
        world.turn()
        receipts.collect()
        assert world.outbox() == {(record_id("S1"), 1): "unknown"}

        assert world.disclose() == {"match": 1, **CLEAN}

        assert world.outbox() == {}
        assert world.applied() == [(record_id("S1"), 1)]


class TestSenders:
    """Two senders, and a key that is taken."""

    def test_a_stale_sender_marks_nothing_and_fails(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.due("S1")
        plan.plan(DAY)
        write = deliver.exchange_db.write

        def slow_write(*arguments: object) -> str:
            number = write(*arguments)  # type: ignore[arg-type]
            lease.take(world.publisher, "deliver.gsxt")  # meanwhile another sender starts
            world.publisher.commit()
            return number

        monkeypatch.setattr(deliver.exchange_db, "write", slow_write)
        with pytest.raises(lease.StaleLeaseError):
            deliver.deliver(DAY)
        monkeypatch.undo()

        assert world.outbox() == {(record_id("S1"), 1): "unknown"}

    def test_the_same_version_with_other_content_is_refused_and_alarmed(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.due("S1")
        _die_at(world, "deliver.written")
        world.admin_exchange.execute("update outbound.spot_check set row_hash = repeat('0', 64)")

        assert deliver.deliver(DAY) == deliver.Delivered(refused=1)

        assert world.outbox() == {(record_id("S1"), 1): "rejected"}
        assert [r.levelno for r in caplog.records if "another content" in r.message] == [logging.CRITICAL]
        world.let_time_pass()
        assert deliver.deliver(DAY) == deliver.Delivered()

    def test_after_a_failure_rows_wait_as_the_schedule_says(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """domain.md 8.4: 1, 5, 15, 60 minutes, then hourly."""
        world.due("S1")
        plan.plan(DAY)

        def fail(*_: object) -> str:
            raise psycopg.OperationalError("the exchange is away")

        monkeypatch.setattr(deliver.exchange_db, "write", fail)
        waits = []
        for _ in range(6):
            with pytest.raises(psycopg.OperationalError):
                deliver.deliver(DAY)
            assert deliver.deliver(DAY) == deliver.Delivered()  # not before its time
            ((wait,),) = world.publisher.execute("select next_try_at - now() from disclosure.outbox").fetchall()
            waits.append(round(wait.total_seconds() / 60))
            world.let_time_pass()
        assert waits == [1, 5, 15, 60, 60, 60]


class TestReconciliation:
    """Every divergence of the public copy is found, named and, where it is ours to repair, repaired."""

    def test_each_injected_divergence_is_found_and_nothing_else(self, world: World) -> None:
        for number in range(40):
            world.due(f"S{number}")
        world.disclose()
        for number in range(30, 40):
            world.ended(f"S{number}", "WITHDRAW", "decision_revoked")
        assert world.disclose() == {"match": 30, **CLEAN}
        change = world.public_copy.execute
        ids = [record_id(f"S{number}") for number in range(40)]
        change("delete from public_copy.item where record_id = any(%s)", [ids[0:5]])
        change("update public_copy.item set visible = false where record_id = any(%s)", [ids[5:8]])
        altered = 'update public_copy.item set payload = payload || \'{"model": "X"}\' where record_id = any(%s)'
        change(altered, [ids[8:12]])
        change("update public_copy.item set visible = true, version = 1 where record_id = any(%s)", [ids[30:33]])
        change(
            "insert into public_copy.item (channel, record_id, version, record_type, op, payload, payload_sha256,"
            " visible) select channel, 'foreign' || n, 1, record_type, op, payload, payload_sha256, true"
            " from public_copy.item, generate_series(1, 4) as n where record_id = %s",
            [ids[20]],
        )

        with world.receiving():
            found = reconcile.reconcile(DAY)

        expected = dict.fromkeys(ids[0:8], "missing") | dict.fromkeys([*ids[8:12], *ids[30:33]], "stale")
        expected |= dict.fromkeys([f"foreign{n}" for n in range(1, 5)], "extra")
        assert found == {"match": 18, "missing": 8, "stale": 7, "extra": 4}
        assert {k: v for k, v in world.reconciliation().items() if v != "match"} == expected

    def test_what_is_missing_or_shown_again_is_repaired_and_extra_is_left_alone(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        for key in ("S1", "S2"):
            world.due(key)
        world.disclose()
        world.ended("S2", "WITHDRAW", "decision_revoked")
        world.disclose()
        world.public_copy.execute("delete from public_copy.item where record_id = %s", [record_id("S1")])
        world.public_copy.execute(
            "update public_copy.item set visible = true, version = 1 where record_id = %s", [record_id("S2")]
        )
        world.public_copy.execute(
            "insert into public_copy.item (channel, record_id, version, record_type, op, payload, payload_sha256,"
            " visible) values ('gsxt', 'foreign', 1, 'spot_check', 'UPSERT', %s, 'x', true)",
            ['{"sample_no": "F1"}'],
        )
        assert world.disclose() == {"match": 0, "missing": 1, "stale": 1, "extra": 1}
        ledger = world.ledger()

        assert world.disclose() == {"match": 1, "missing": 0, "stale": 0, "extra": 1}

        assert set(world.public()) == {"S1", "F1"}
        assert world.ledger() == ledger
        assert {r.levelno for r in caplog.records if "extra" in r.message and "foreign" in r.message} == {
            logging.CRITICAL
        }

    def test_an_incomplete_answer_is_no_answer(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.due("S1")
        world.disclose()
        monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0.5")
        monkeypatch.setattr(receiver_store, "_pages", lambda *_: iter([[]]))
        cut = receiver_store.answer_request

        def answer(exchange: psycopg.Connection, own: psycopg.Connection, request_id: str, channel: str) -> None:
            cut(exchange, own, request_id, channel)
            exchange.execute("update inbound.inventory_answer set items = 1 where request_id = %s", [request_id])

        world.admin_exchange.execute("grant update on inbound.inventory_answer to receiver")
        monkeypatch.setattr(receiver_store, "answer_request", answer)

        with world.receiving(), pytest.raises(reconcile.InventoryUnansweredError, match="0 of 1 items"):
            reconcile.reconcile(DAY)

        assert world.reconciliation() == {record_id("S1"): "match"}

    def test_the_comparison_of_a_day_is_replaced_and_other_days_stay(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        world.disclose()
        next_day = DAY + dt.timedelta(days=1)
        world.due("S1", day=next_day)
        world.disclose(next_day)

        rows = world.publisher.execute(
            "select business_day, result from disclosure.reconciliation order by 1"
        ).fetchall()
        assert rows == [(DAY, "match"), (next_day, "match")]
        assert world.exchange.execute("select count(*) from inbound.inventory").fetchone() == (0,)


def _forge(world: World, name: str, batch_no: str, record: str, version: int, verdict: str) -> None:
    world.exchange.execute(
        "insert into inbound.receipt (receipt_id, channel, batch_no, record_id, version, verdict, business_day)"
        " values (%s, 'gsxt', %s, %s, %s, %s, %s)",
        [name, batch_no, record, version, verdict, DAY],
    )


def _die_at(world: World, point: str) -> None:
    """Plan, and deliver in a child that dies at a point."""
    plan.plan(DAY)
    child = os.fork()
    if child == 0:
        os.environ["MR_FAILPOINT"] = f"{point}=kill"
        deliver.deliver(DAY)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
