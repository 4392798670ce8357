"""The pure SQL functions of the row rules, held against python-stdnum, datetime, Decimal and unicodedata."""

import datetime as dt
import unicodedata
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

pytestmark = pytest.mark.e2e
MANY = settings(
    max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORMATS = ["YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYY年MM月DD日", "YYYYMMDD"]
WRITTEN = {
    "YYYY-MM-DD": "{0:04}-{1}-{2}",
    "YYYY/MM/DD": "{0:04}/{1}/{2}",
    "YYYY.MM.DD": "{0:04}.{1}.{2}",
    "YYYY年MM月DD日": "{0:04}年{1}月{2}日",
    "YYYYMMDD": "{0:04}{1:02}{2:02}",
}
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def each(warehouse: psycopg.Connection, function: str, values: list[str]) -> list[object]:
    """Return the function's answer for each value, in one query; ``$`` stands for the value."""
    query = f"select {function.replace('$', 'v')} from unnest(%s::text[]) with ordinality as t (v, n) order by n"
    return [row[0] for row in warehouse.execute(query, (values,))]


def body() -> st.SearchStrategy[str]:
    digits = st.text("0123456789", min_size=8, max_size=8)
    return st.tuples(digits, st.text(ALPHABET, min_size=9, max_size=9)).map("".join)


@MANY
@given(codes=st.lists(st.tuples(body(), st.sampled_from(ALPHABET)), min_size=20, max_size=60))
def test_uscc_agrees_with_stdnum(codes: list[tuple[str, str]], warehouse: psycopg.Connection) -> None:
    values = [first + last for first, last in codes] + [first + uscc.calc_check_digit(first) for first, _ in codes]
    assert each(warehouse, "quality.is_uscc($)", values) == [uscc.is_valid(value) for value in values]


@MANY
@given(values=st.lists(st.one_of(STORABLE, st.text(ALPHABET + "IOSVZ", min_size=17, max_size=19)), max_size=60))
def test_no_other_text_is_a_uscc(values: list[str], warehouse: psycopg.Connection) -> None:
    verdicts = each(warehouse, "quality.is_uscc($)", values)
    checked = [len(v) == 18 and set(v) <= set(ALPHABET) and v[17] == uscc.calc_check_digit(v[:17]) for v in values]
    assert [bool(v) for v in verdicts] == [
        ok and v[2:8].isdigit() and v.isascii() for ok, v in zip(checked, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("code", "valid"),
    [("911100006000373410", None), ("91110000600037341L", True), ("91110000600037341l", False), ("", False)],
)
def test_uscc_vectors(code: str, valid: bool | None, warehouse: psycopg.Connection) -> None:
    expected = uscc.is_valid(code) if valid is None else valid
    assert each(warehouse, "quality.is_uscc($)", [code]) == [expected]


@MANY
@given(bodies=st.lists(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), max_size=60))
def test_organisation_code_has_one_check_character(bodies: list[str], warehouse: psycopg.Connection) -> None:
    values = [eight + last for eight in bodies for last in "0123456789X"]
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    last = ["0X987654321"[sum(signs.index(c) * w for c, w in zip(b, weights, strict=True)) % 11] for b in bodies]
    expected = [last[index // 11] == value[8] for index, value in enumerate(values)]
    assert each(warehouse, "quality.is_organisation_code($)", values) == expected


@MANY
@given(
    days=st.lists(st.dates(dt.date(1, 1, 1)), min_size=1, max_size=60),
    form=st.sampled_from(FORMATS),
    clock=st.sampled_from(["", " 08:05", "T08:05:00", " 8:05:00.123+08:00"]),
)
def test_a_date_in_its_format_is_read_as_that_day(
    days: list[dt.date], form: str, clock: str, warehouse: psycopg.Connection
) -> None:
    values = [WRITTEN[form].format(day.year, day.month, day.day) + clock for day in days]
    assert each(warehouse, f"quality.iso_date($, array['{form}'])", values) == [day.isoformat() for day in days]


@MANY
@given(
    parts=st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 19), st.integers(0, 39)), max_size=60),
    form=st.sampled_from(FORMATS),
)
def test_a_day_that_does_not_exist_is_no_date(
    parts: list[tuple[int, int, int]], form: str, warehouse: psycopg.Connection
) -> None:
    values = [WRITTEN[form].format(*part) for part in parts]
    assert each(warehouse, f"quality.iso_date($, array['{form}'])", values) == [iso(*part) for part in parts]


def iso(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


@MANY
@given(values=st.lists(st.one_of(STORABLE, st.text("0123456789-/.年月日 ", max_size=12)), max_size=60))
def test_no_text_makes_reading_a_date_fail(values: list[str], warehouse: psycopg.Connection) -> None:
    formats = "array['YYYY-MM-DD', 'YYYY/MM/DD', 'YYYY.MM.DD', 'YYYY年MM月DD日', 'YYYYMMDD', 'EXCEL']"
    for found in each(warehouse, f"quality.iso_date(quality.half_width($), {formats})", values):
        assert found is None or dt.date.fromisoformat(str(found))
    each(warehouse, "quality.to_date($)", values)


def test_a_date_of_another_format_is_not_guessed(warehouse: psycopg.Connection) -> None:
    assert each(warehouse, "quality.iso_date($, array['YYYY-MM-DD'])", ["2026/3/5", "20260305", "05-03-2026"]) == [
        None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-01T16:30:00Z", "2026-03-02"), ("2026-03-01T15:59:59Z", "2026-03-01"),
        ("2026-03-01 16:00Z", "2026-03-02"),
        ("2026/3/1 16:30:00.5+00:00", "2026-03-02"), ("20260301T20:00:00-0500", "2026-03-02"),
        ("2026-03-02T00:30:00+09:00", "2026-03-01"), ("2026-03-01T23:30:00+08:00", "2026-03-01"),
        ("2026-03-01T23:30:00+0800", "2026-03-01"), ("2026-03-01 23:30", "2026-03-01"), ("01-03-2026", "2026-03-01"),
        ("01-03-2026 16:30Z", "2026-03-02"), ("2026-12-31T16:00:00Z", "2027-01-01"), ("2026-03-01T25:30:00Z", None),
        ("2026-02-30T16:30:00Z", None),
    ],
)  # fmt: skip
def test_a_time_elsewhere_is_its_day_in_shanghai(written: str, day: str | None, warehouse: psycopg.Connection) -> None:
    formats = "array['YYYY-MM-DD', 'YYYY/MM/DD', 'YYYYMMDD', 'DD-MM-YYYY']"
    warehouse.execute("set timezone = 'America/New_York'")
    try:
        assert each(warehouse, f"quality.day_text($, {formats})", [written]) == [day]
    finally:
        warehouse.execute("reset timezone")


def test_an_excel_serial_is_its_day(warehouse: psycopg.Connection) -> None:
    days = [dt.date(1899, 12, 30) + dt.timedelta(days=n) for n in (36526, 46098)]
    found = each(warehouse, "quality.iso_date($, array['EXCEL'])", ["36526", "46098.0", "46098.5", "abc", "1"])
    assert found == [days[0].isoformat(), days[1].isoformat(), days[1].isoformat(), None, None]


@MANY
@given(
    amounts=st.lists(
        st.decimals(Decimal("-999999999"), Decimal("999999999"), allow_nan=False, places=4), min_size=1, max_size=60
    ),
    unit=st.sampled_from(["元", "万元"]),
    written=st.sampled_from(["", "元", "万元"]),
)
def test_an_amount_is_read_in_yuan(
    amounts: list[Decimal], unit: str, written: str, warehouse: psycopg.Connection
) -> None:
    values = [f"{amount:,f}{written}" for amount in amounts]
    factor = 10_000 if (written or unit) == "万元" else 1
    found = each(warehouse, f"quality.yuan(quality.half_width($), '{unit}')", values)
    assert [Decimal(str(value)) for value in found] == [
        (amount * factor).quantize(Decimal("0.01"), "ROUND_HALF_UP") for amount in amounts
    ]


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("1,5", None), ("1,50", None), ("12,34.5", None), ("1,0000", None), (",100", None), ("1,,000", None),
        ("1000,000", None), ("1,000", "10000000.00"), ("12,000.5元", "12000.50"), ("-1,234,567万元", "-12345670000.00"),
        ("1，000", "10000000.00"),
    ],
)  # fmt: skip
def test_a_comma_stands_between_thousands_only(written: str, yuan: str | None, warehouse: psycopg.Connection) -> None:
    """A decimal comma is not guessed at: 1,5 is neither 1.5 nor 15."""
    assert each(warehouse, "quality.yuan(quality.half_width($), '万元')", [written]) == [yuan]


@MANY
@given(values=st.lists(STORABLE, max_size=60))
def test_no_text_makes_reading_an_amount_fail(values: list[str], warehouse: psycopg.Connection) -> None:
    for found in each(warehouse, "quality.to_amount(quality.yuan(quality.half_width($), '元'))", values):
        assert found is None or isinstance(found, Decimal)


@MANY
@given(values=st.lists(st.one_of(STORABLE, st.text("ab１Ａ\u3000 \t-（）", max_size=10)), max_size=60))
def test_a_code_is_its_half_width_upper_case_without_blanks(values: list[str], warehouse: psycopg.Connection) -> None:
    found = each(warehouse, "quality.clean_code($)", values)
    again = each(warehouse, "quality.clean_code(quality.clean_code($))", values)
    assert again == found
    for value, code in zip(values, found, strict=True):
        if value.isascii() or set(value) <= set("ab１Ａ\u3000 \t-（）"):
            expected = "".join(unicodedata.normalize("NFKC", value).split()).upper()
            assert code == (expected.translate(dict.fromkeys(range(0x1C, 0x20))) or None) or not value.isprintable()


@pytest.mark.parametrize(
    "written", ["沪市监处罚[2026]1号", "沪市监处罚【2026】 1号", "沪市监处罚（2026）１号", "沪市监处罚［2026］1号"]
)
def test_document_numbers_have_one_kind_of_brackets(written: str, warehouse: psycopg.Connection) -> None:
    assert each(warehouse, "quality.document_no($)", [written]) == ["沪市监处罚〔2026〕1号"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("沪市监（浦）处罚〔2026〕1号", "沪市监(浦)处罚〔2026〕1号"),
        ("沪市监(浦)处罚(2026)1号", "沪市监(浦)处罚〔2026〕1号"),
        ("甲市监处罚〔2026〕1号(补)", "甲市监处罚〔2026〕1号(补)"),
        ("甲市监处罚(26)1号", "甲市监处罚(26)1号"),
        ("第1号", "第1号"),
    ],
)
def test_only_the_brackets_around_the_year_are_rewritten(
    written: str, number: str, warehouse: psycopg.Connection
) -> None:
    assert each(warehouse, "quality.document_no($)", [written]) == [number]


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ('[{"item":"a","limit":"b","measured":"c"}]', 1),
        ("[]", 0),
        ('[{"item":"标识","limit":null,"measured":null}]', 1),
        ('[{"item":null,"limit":"b","measured":"c"}]', None),
        ('[{"item":" \u3000","limit":"b","measured":"c"}]', None),
        ("[1]", None),
        ('[{"item":"a","limit":"b"}]', None),
        ('[{"item":"a","limit":"b","measured":3}]', None),
        ("{}", None),
        ("[", None),
        ('"x"', None),
    ],
)
def test_failed_items_are_well_formed_or_not_counted(
    value: str, count: int | None, warehouse: psycopg.Connection
) -> None:
    assert each(warehouse, "quality.is_failed_items($)", [value]) == [count is not None]
    assert each(warehouse, "quality.failed_item_count($)", [value]) == [count]
