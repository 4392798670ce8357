"""The public copy read back: what is missing, stale or extra is found, and repaired where it is ours to repair."""

import datetime as dt
import logging

import pytest
from disclosure_records import DAY, record_id
from disclosure_world import World

from market_regulation.disclosure import reconcile
from market_regulation.disclosure.channels.contract import InventoryUnansweredError
from market_regulation.sandbox.message import Question
from market_regulation.sandbox.receiver_exchange import ExchangeDoor

pytestmark = pytest.mark.e2e

CLEAN = {"missing": 0, "stale": 0, "extra": 0}


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

        def answer(_door: ExchangeDoor, question: Question, _held: object) -> None:
            world.exchange.execute("insert into inbound.inventory_answer values (%s, 1)", [question.request_id])

        monkeypatch.setattr(ExchangeDoor, "answer", answer)

        with world.receiving(), pytest.raises(InventoryUnansweredError, match="0 of 1 items"):
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
