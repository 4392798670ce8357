"""A receipt that cannot be read changes nothing and holds up no other."""

import logging

import pytest

from market_regulation.disclosure.channels import batch_file
from market_regulation.disclosure.channels.contract import ChannelError

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
        {"message": "a\0b"},
        {"message": "\udcff"},
    ],
)
def test_an_unreadable_receipt_is_left_out_and_reported(
    change: dict[str, str | None], caplog: pytest.LogCaptureFixture
) -> None:
    read = list(batch_file.readable([GOOD | change, GOOD], "receipts"))

    assert [receipt.record_id for receipt in read] == ["r1"]
    assert [r.levelno for r in caplog.records] == [logging.ERROR]


HEADING = ",".join(GOOD)


def line(record_id: str, message: str = "") -> str:
    return f"1,gsxt,B1,{record_id},1,accepted,,,{message},x,2026-03-16,2026-03-16,2026-03-16T08:00:00+00:00\n"


@pytest.mark.parametrize(
    "bad",
    [
        line("r2").replace("accepted", "perhaps"),
        line("r2", '"a"b'),
        line("r2", '"open'),
        line("r2", "one,more"),
        "r2\n",
    ],
    ids=["verdict", "quotes", "quote left open", "a cell more", "cells missing"],
)
def test_of_a_file_only_the_unreadable_row_is_left_out_and_it_is_named(
    bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"{HEADING}\n" + line("r1", '"two\nlines"') + bad + line("r3") + line("r4")

    assert [receipt.record_id for receipt in batch_file.read_receipts(text, "receipts/7.csv")] == ["r1", "r3", "r4"]

    (logged,) = caplog.records
    assert (logged.levelno, "receipts/7.csv, row 2" in logged.getMessage()) == (logging.ERROR, True)


def test_a_file_without_a_heading_is_no_file_of_receipts() -> None:
    with pytest.raises(ChannelError, match="no heading"):
        list(batch_file.read_receipts("", "receipts/7.csv"))
