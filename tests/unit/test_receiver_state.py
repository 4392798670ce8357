"""What the sandbox's receiver does with versions: once each, none backwards, a withdrawal wins in either order."""

import datetime as dt
from typing import Any

import pytest

from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Row
from market_regulation.sandbox.receiver import judge
from market_regulation.sandbox.receiver_state import Item, applied, check_order

DAY = dt.date(2026, 3, 16)
NEXT_DAY = dt.date(2026, 3, 17)
PAYLOAD: dict[str, Any] = {
    "authority_name": "上海市市场监督管理局",
    "authority_uscc": "113100000024220120",
    "batch_no": None,
    "brand": None,
    "conclusion": "不合格",
    "failed_items": [{"item": "耐热性", "limit": "符合", "measured": "不符合"}],
    "final_on": "2026-03-02",
    "level": "省",
    "model": None,
    "plan_name": None,
    "produced_on": None,
    "producer_name": "上海华盛机电设备有限公司",
    "product_name": "充电器",
    "recheck_on": None,
    "recheck_result": None,
    "retest": "none",
    "sample_no": "CC1",
    "seller_name": None,
    "standard": None,
    "subject_name": "上海华盛机电设备有限公司",
    "subject_role": "producer",
    "subject_uscc": "91310115MA1TE5T42K",
}


def row(version: int, op: str = "UPSERT", reason_code: str | None = None, **changes: Any) -> Row:
    payload = PAYLOAD | changes
    return Row("spot_check", "r1", version, op, reason_code, sha256_of(payload), payload)


def held(*rows: Row) -> Item:
    item: Item | None = None
    for sent in rows:
        item = applied(sent, item, DAY)
    assert item is not None
    return item


def code(sent: Row, item: Item | None) -> str | None:
    refusal = check_order(sent, "gsxt", item)
    return refusal.code if refusal else None


def receive(*batches: tuple[dt.date, list[Row]]) -> tuple[Item, list[tuple[int, str, str | None]]]:
    """The state of the one record after these batches, and (version, verdict, error code) of each receipt."""
    items: dict[str, Item] = {}
    receipts = []
    for number, (day, rows) in enumerate(batches):
        head = Batch(f"batch {number}", "gsxt", len(rows), "", None, day)
        changed, answers = judge(head, rows, items, set())
        items |= changed
        receipts += [(answer.version, answer.verdict, answer.error_code) for answer in answers]
    return items["r1"], receipts


def test_a_first_version_is_shown_from_the_batch_s_day() -> None:
    item, receipts = receive((DAY, [row(1)]))
    assert (item.visible, item.published_on, receipts) == (True, DAY, [(1, "accepted", None)])


def test_the_same_version_again_is_a_duplicate_and_changes_nothing() -> None:
    item, receipts = receive((DAY, [row(1)]), (NEXT_DAY, [row(1)]))
    assert receipts == [(1, "accepted", None), (1, "duplicate", None)]
    assert item.published_on == DAY


def test_the_same_version_with_another_content_is_refused() -> None:
    assert code(row(1, product_name="灯"), held(row(1))) == "E204"


def test_a_correction_keeps_the_day_of_publication() -> None:
    item, _ = receive((DAY, [row(1)]), (NEXT_DAY, [row(2, "CORRECT", product_name="充电器（更正）")]))
    assert (item.version, item.published_on, item.payload["product_name"]) == (2, DAY, "充电器（更正）")


@pytest.mark.parametrize(
    "change",
    [
        {"subject_uscc": "91330106MA2AT5T14P"},
        {"authority_uscc": "113101150024510169"},
        {"subject_role": "seller"},
    ],
)
def test_a_correction_never_changes_subject_or_authority(change: dict[str, str]) -> None:
    assert code(row(2, "CORRECT", **change), held(row(1))) == "E111"


def test_the_name_of_a_person_without_code_is_not_corrected_into_another() -> None:
    person = {"authority_uscc": "a", "party_uscc": None, "party_name": "王伟"}
    first = Row("administrative_penalty", "r", 1, "UPSERT", None, "h", person)
    other = Row("administrative_penalty", "r", 2, "CORRECT", None, "i", person | {"party_name": "李芳"})
    assert code(other, held(first)) == "E111"


@pytest.mark.parametrize("op", ["WITHDRAW", "STOP", "SUSPEND"])
def test_what_is_ended_is_not_shown(op: str) -> None:
    item, _ = receive((DAY, [row(1)]), (NEXT_DAY, [row(2, op, "decision_revoked")]))
    assert (item.visible, item.op) == (False, op)


def test_a_withdrawal_that_overtakes_keeps_the_record_out_of_sight() -> None:
    item, receipts = receive((DAY, [row(2, "WITHDRAW", "decision_revoked")]), (DAY, [row(1)]))
    assert (item.visible, item.version) == (False, 2)
    assert receipts == [(2, "accepted", None), (1, "rejected", "E203")]


def test_both_in_one_batch_end_withdrawn() -> None:
    item, receipts = receive((DAY, [row(1), row(2, "WITHDRAW", "decision_revoked")]))
    assert not item.visible
    assert [verdict for _, verdict, _ in receipts] == ["accepted", "accepted"]


def test_a_withdrawn_record_comes_back_only_with_a_reason() -> None:
    gone = held(row(1), row(2, "WITHDRAW", "decision_revoked"))
    assert code(row(3), gone) == "E205"
    assert code(row(3, reason_code="new_decision"), gone) is None


def test_what_is_not_shown_cannot_be_corrected() -> None:
    assert code(row(3, "CORRECT"), held(row(1), row(2, "STOP", "term_ended"))) == "E205"


def test_a_lost_record_is_taken_back_whatever_its_version() -> None:
    item, receipts = receive((DAY, [row(3, "CORRECT")]))
    assert (item.visible, receipts) == (True, [(3, "accepted", None)])


def test_a_refused_row_changes_nothing_and_says_why() -> None:
    item, receipts = receive((DAY, [row(1)]), (NEXT_DAY, [row(2, "CORRECT", conclusion="合格")]))
    assert item.version == 1
    assert receipts[1] == (2, "rejected", "E107")


def test_a_suspended_record_is_shown_again_by_resume() -> None:
    item, _ = receive((DAY, [row(1)]), (DAY, [row(2, "SUSPEND", "court_stay")]), (NEXT_DAY, [row(3, "RESUME")]))
    assert item.visible
