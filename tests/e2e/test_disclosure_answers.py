"""Receipts that are lost, late, repeated or forged, and a receiver that is down."""

import datetime as dt

import pytest
from disclosure_records import DAY, record_id
from disclosure_world import CLEAN, World

from market_regulation.disclosure import receipts, reconcile
from market_regulation.disclosure.channels.contract import InventoryUnansweredError

pytestmark = pytest.mark.e2e


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
            with pytest.raises(InventoryUnansweredError, match=r"no answer within 0\.3 s"):
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
        world.die_at("deliver.written")
        world.turn()
        receipts.collect()
        assert world.outbox() == {(record_id("S1"), 1): "unknown"}

        assert world.disclose() == {"match": 1, **CLEAN}

        assert world.outbox() == {}
        assert world.applied() == [(record_id("S1"), 1)]


def _forge(world: World, name: str, batch_no: str, record: str, version: int, verdict: str) -> None:
    world.exchange.execute(
        "insert into inbound.receipt (receipt_id, channel, batch_no, record_id, version, verdict, business_day)"
        " values (%s, 'gsxt', %s, %s, %s, %s, %s)",
        [name, batch_no, record, version, verdict, DAY],
    )
