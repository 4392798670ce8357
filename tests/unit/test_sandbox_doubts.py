"""Rows planted to be accepted with a warning, and inspection reports that meet on one device."""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from market_regulation.sandbox import certificates, inspection_cases, inspections
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.drop import WarnedRow
from market_regulation.sandbox.inspection_cases import expected_verdicts, report_no, source_key

MONDAY, TUESDAY = dt.date(2026, 3, 16), dt.date(2026, 3, 17)
SCALE = 0.05


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Monday is delivered already."""
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setattr(inspection_cases, "delivered_days", lambda: [MONDAY])
    return tmp_path


def rows(file: Path, encoding: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    yield from csv.DictReader(file.read_text(encoding).splitlines(), delimiter=delimiter)


def test_a_doubtful_row_is_where_the_answer_key_says(home: Path) -> None:
    planted = list(inspections.deliver(Context(MONDAY, 1, SCALE)))
    place = {row.rule_id: row.row_no for row in planted if isinstance(row, WarnedRow) and row.file.startswith("sh")}
    written = list(rows(home / "inbox" / "agency_inspections" / "sh_20260316.csv", "gb18030"))
    assert written[place["INS-31"] - 1]["设备种类"] == "叉车"
    assert written[place["INS-31"] - 1]["设备代码"].startswith("3110")
    assert written[place["INS-32"] - 1]["设备代码"][4:14] == "9999992014"
    assert written[place["INS-34"] - 1]["使用登记证编号"].startswith("容11")


def test_doubts_come_once_and_are_no_defects(home: Path) -> None:
    planted = list(certificates.deliver(Context(MONDAY, 1, SCALE)))
    doubts = [row.rule_id for row in planted if isinstance(row, WarnedRow)]
    assert doubts == ["CRT-24", "CRT-25", "CRT-28", "CRT-29", "CRT-30", "CRT-34"]
    assert not {row.rule_id for row in planted if not isinstance(row, WarnedRow)} & set(doubts)


def test_another_version_of_a_report_comes_on_the_next_delivered_day(home: Path) -> None:
    list(inspections.deliver(Context(TUESDAY, 1, SCALE)))
    written = rows(home / "inbox" / "agency_inspections" / "js_20260317.csv", "utf-8-sig", ";")
    of_monday = {row["报告书编号"]: (row["版次"], row["结论"]) for row in written if "-20260316-" in row["报告书编号"]}
    assert of_monday == {report_no(MONDAY, 8): ("2", "合格"), report_no(MONDAY, 9): ("1", "不合格")}


def test_what_a_report_comes_to_follows_from_how_it_was_planted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection_cases, "delivered_days", lambda: [MONDAY, TUESDAY])
    on_monday, on_tuesday = (dict(expected_verdicts(day)) for day in (MONDAY, TUESDAY))
    alone = [
        "NA_superseded", "PASS", "FAIL", "PASS", "FAIL", "PASS", "FAIL", "NA_self_test", "FAIL", "PASS", "FAIL", "PASS",
    ]  # fmt: skip
    assert [on_monday[source_key(MONDAY, number)] for number in range(12)] == alone
    assert [on_tuesday[source_key(TUESDAY, number)] for number in range(12)] == alone
    assert [on_tuesday[source_key(MONDAY, number)] for number in (8, 9)] == ["PASS", "PASS"]
