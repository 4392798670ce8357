"""What the values of a column say about it."""

import time
from typing import get_args

import pytest

from market_regulation.sources.profile import DateFormat
from market_regulation.sources.profiling.values import DATES, evidence

GOOD = ["91330106MA2AT5T14P", "91440304MA5TE5T23W", "91310115MA1TE5T42K", "91110000600037341L"]


def test_every_date_format_of_profiles_can_be_found() -> None:
    """A format that profiles may name and the inspection cannot see would never be proposed."""
    assert set(DATES) == set(get_args(DateFormat))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2026-03-05", "YYYY-MM-DD"),
        ("2021-09-23 00:00:00.0", "YYYY-MM-DD"),
        ("2026/3/5", "YYYY/MM/DD"),
        ("2026.03.05", "YYYY.MM.DD"),
        ("２０２６年3月5日", "YYYY年MM月DD日"),
        ("20260305", "YYYYMMDD"),
        ("16-07-2021 16:26:09", "DD-MM-YYYY"),
        ("46086", "EXCEL"),
    ],
)
def test_dates_are_counted_by_format(value: str, form: str) -> None:
    """With and without a time of day, in full width too."""
    found = evidence([value, value, ""])

    assert found.dates == {form: 2}
    assert found.kinds["date"] == 1.0


@pytest.mark.parametrize("value", ["20261305", "2026-02-40", "12345678", "3.14", "批号2026"])
def test_numbers_and_impossible_days_are_no_dates(value: str) -> None:
    """A month 13 or a day 40 is no date in any format."""
    assert "date" not in evidence([value]).kinds


def test_credit_codes_are_told_by_their_check_character() -> None:
    """One wrong character in four codes leaves three quarters."""
    assert evidence([*GOOD[:3], "91110000600037341M"]).kinds["uscc"] == 0.75


def test_blanks_width_and_case_of_codes_do_not_matter() -> None:
    """Codes are read as landing will read them."""
    assert evidence(["９1330106ma2at5t14p", "9133 0106 MA2A T5T1 4P"]).kinds["uscc"] == 1.0


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("31103101152020100003", "device"),
        ("2016010717889932", "certificate"),
        ("2022221101000119（B0）", "certificate"),
        ("310115", "region"),
        ("赤壁市监处罚〔2025〕179号", "document_no"),
        ("泸市监罚【2026】4号", "document_no"),
        ("49.370242万元", "amount"),
        ("1,000.50", "amount"),
        ("13800138000", "phone"),
        ("11010519491231002X", "identity"),
    ],
)
def test_values_of_the_field_are_recognised(value: str, kind: str) -> None:
    """Each kind by a value of its own form."""
    assert kind in evidence([value]).kinds


@pytest.mark.parametrize(
    "code", ["311010122202096867", "11010519491231002Y", "110105194912310021", "11010519491331002X"]
)
def test_codes_of_eighteen_characters_are_no_identity_numbers(code: str) -> None:
    """Device codes of a region that does not exist, wrong check characters, a month 13."""
    assert "identity" not in evidence([code]).kinds


def test_a_long_text_full_of_years_in_brackets_costs_no_time() -> None:
    """What is longer than any number is not searched for one."""
    began = time.process_time()

    assert "document_no" not in evidence(["(2020)" * 21_000 + "1号"]).kinds
    assert "document_no" in evidence(["沪市监〔2020〕1号"]).kinds
    assert time.process_time() - began < 2


def test_null_words_are_no_values() -> None:
    """They count as gaps and are reported with their rows."""
    found = evidence(["/", "/", "无", "—", "A", ""])

    assert (found.rows, found.filled, found.different) == (6, 1, 1)
    assert found.null_words == {"/": 2, "无": 1, "—": 1}


def test_units_named_in_values_are_counted() -> None:
    """The unit of a column may stand in its cells instead of its heading."""
    assert evidence(["30万元", "28000元", "85000.00元", "5"]).units == {"万元": 1, "元": 2}


def test_words_are_those_of_columns_that_repeat_themselves() -> None:
    """Forty different words at most, each twice on average: names of companies are no code words."""
    assert evidence(["合格"] * 8 + ["不合格"] * 2).words == {"合格": 8, "不合格": 2}
    assert not evidence([f"企业{i}" for i in range(30)]).words


def test_unique_means_filled_and_different_in_every_row() -> None:
    """A gap or a repetition rules a column out as key."""
    assert evidence(["1", "2", "3"]).unique
    assert not evidence(["1", "2", ""]).unique
    assert not evidence(["1", "2", "2"]).unique
    assert not evidence([]).unique


def test_columns_of_phone_or_identity_numbers_are_personal() -> None:
    """A third of the values is enough: the rest may be defects of the same."""
    assert evidence(["13800138000", "13900139000", "x"]).personal == "phone"
    assert evidence(["a", "b", "c", "13800138000"]).personal is None
