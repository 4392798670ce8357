"""A receipt that cannot be read changes nothing and holds up no other."""

import logging

import pytest

from market_regulation.disclosure.channels import batch_file

GOOD: dict[str, str | None] = {
    "receipt_id": "1", "channel": "gsxt", "batch_no": "B1", "record_id": "r1", "version": "1", "verdict": "accepted",
    "field": None, "error_code": None, "message": None, "receiver_id": "x", "published_on": "2026-03-16",
    "business_day": "2026-03-16", "received_at": "2026-03-16T08:00:00+00:00",
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "perhaps"},
        {"version": "99999999999"},
        {"version": "-1"},
        {"business_day": None},
        {"received_at": "x"},
    ],
)
def test_an_unreadable_receipt_is_left_out_and_reported(
    change: dict[str, str | None], caplog: pytest.LogCaptureFixture
) -> None:
    read = list(batch_file.readable([GOOD | change, GOOD]))

    assert [receipt.record_id for receipt in read] == ["r1"]
    assert [r.levelno for r in caplog.records] == [logging.ERROR]
