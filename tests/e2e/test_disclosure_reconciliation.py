"""The public copy read back: what is missing, stale or extra is found, and repaired where it is ours to repair."""

import datetime as dt
import logging
import random

import pytest
from disclosure_records import DAY, penalty, record_id
from disclosure_world import CLEAN, World

from market_regulation import settings
from market_regulation.disclosure import reconcile
from market_regulation.disclosure.channels.contract import InventoryUnansweredError
from market_regulation.sandbox.message import Question
from market_regulation.sandbox.receiver_exchange import ExchangeDoor

pytestmark = pytest.mark.e2e


class TestReconciliation:
    """Every divergence of the public copy is found, named and, where it is ours to repair, repaired."""

    def test_each_injected_divergence_is_found_and_nothing_else(self, each_world: World) -> None:
        world = each_world
        letters = [f"%PDF-1.7 decision {number}".encode() for number in range(2)]
        for number, letter in enumerate(letters):
            world.store_document(letter)
            world.due(f"P{number}", penalty(f"P{number}", letter), record_type="administrative_penalty")
        for number in range(40):
            world.due(f"S{number}")
        world.disclose()
        for number in range(30, 40):
            world.ended(f"S{number}", "WITHDRAW", "decision_revoked")
        assert world.disclose() == {"match": 32, **CLEAN}
        change = world.public_copy.execute
        ids = [record_id(f"S{number}") for number in range(40)]
        change("delete from public_copy.item where record_id = any(%s)", [ids[0:5]])
        change("update public_copy.item set visible = false where record_id = any(%s)", [ids[5:8]])
        altered = 'update public_copy.item set payload = payload || \'{"model": "X"}\' where record_id = any(%s)'
        change(altered, [ids[8:12]])
        change("update public_copy.item set visible = true, version = 1 where record_id = any(%s)", [ids[30:33]])
        change("update public_copy.attachment set content = 'another' where content = %s", [letters[0]])
        change(
            "insert into public_copy.item (channel, record_id, version, record_type, op, payload, payload_sha256,"
            " visible) select channel, 'foreign' || n, 1, record_type, op, payload, payload_sha256, true"
            " from public_copy.item, generate_series(1, 4) as n where record_id = %s",
            [ids[20]],
        )

        with world.receiving():
            found = reconcile.reconcile(DAY)

        letter_id = record_id("P0", "administrative_penalty")
        expected = dict.fromkeys(ids[0:8], "missing") | dict.fromkeys([*ids[8:12], *ids[30:33], letter_id], "stale")
        expected |= dict.fromkeys([f"foreign{n}" for n in range(1, 5)], "extra")
        assert found == {"match": 19, "missing": 8, "stale": 8, "extra": 4}
        assert {k: v for k, v in world.reconciliation().items() if v != "match"} == expected
        page = (settings.home() / "reports" / "reconciliation" / f"{DAY}.html").read_text("utf-8")
        assert all(record in page for record in expected)
        assert ids[20] not in page

        world.disclose()
        assert world.disclose() == {"match": 32, "missing": 0, "stale": 0, "extra": 4}
        assert world.public_copy.execute("select content from public_copy.attachment order by 1").fetchall() == [
            (letter,) for letter in letters
        ]

    @pytest.mark.chaos
    @pytest.mark.parametrize("seed", range(4))
    def test_a_hundred_random_divergences_are_found_and_nothing_else(self, each_world: World, seed: int) -> None:
        world, chance = each_world, random.Random(seed)
        keys = [f"S{number}" for number in range(160)]
        for key in keys:
            world.due(key)
        world.disclose()
        for key in keys[120:]:
            world.ended(key, "WITHDRAW", "decision_revoked")
        world.disclose()
        changes = {
            "missing": [
                "delete from public_copy.item where record_id = %s",
                "update public_copy.item set visible = false where record_id = %s",
            ],
            "stale": ['update public_copy.item set payload = payload || \'{"model": "X"}\' where record_id = %s'],
            "kept": ["update public_copy.item set visible = true, version = 1 where record_id = %s"],
            "extra": ["update public_copy.item set record_id = 'foreign' || left(record_id, 8) where record_id = %s"],
        }
        expected: dict[str, str] = {}
        for key in chance.sample(keys[:120], 80) + chance.sample(keys[120:], 20):
            kind = "kept" if int(key[1:]) >= 120 else chance.choice(["missing", "stale", "extra"])
            world.public_copy.execute(chance.choice(changes[kind]), [record_id(key)])
            expected[record_id(key)] = {"kept": "stale", "extra": "missing"}.get(kind, kind)
            if kind == "extra":
                expected[f"foreign{record_id(key)[:8]}"] = "extra"

        with world.receiving():
            reconcile.reconcile(DAY)

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


def test_the_page_of_the_day_names_the_rules_that_nobody_has_confirmed(world: World) -> None:
    world.warehouse.execute(
        """
        create table marts.disclosure_unconfirmed_rule (
            seed text, rule_id text, channel text, covers text, legal_basis text, confidence text, due_records bigint,
            held_records bigint
        );
        insert into marts.disclosure_unconfirmed_rule
        values ('dispatch', 'GSXT-X', 'gsxt', 'spot_check_product', '某法<第六条>', 'GK', 3, 1),
            ('redaction_profile', 'REDACT-X', null, '* mobile', '某法', 'page', null, null);
        """
    )
    try:
        world.disclose()
        page = (settings.home() / "reports" / "reconciliation" / f"{DAY}.html").read_text("utf-8")
    finally:
        world.warehouse.execute("drop table marts.disclosure_unconfirmed_rule")
    assert "<td>GSXT-X<td>gsxt<td>spot_check_product<td>某法&lt;第六条&gt;<td>GK<td>3<td>1" in page
    assert "<td>redaction_profile<td>REDACT-X<td>-<td>* mobile<td>某法<td>page<td>-<td>-" in page
