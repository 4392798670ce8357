"""The functions of 33_rule_functions.sql, held against python-stdnum and the vectors of the standards."""

import datetime as dt
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from market_regulation.identifiers import is_device_code, make_organisation_code

pytestmark = pytest.mark.e2e
MANY = settings(
    max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
DIGITS, ALPHABET = "0123456789", "0123456789ABCDEFGHJKLMNPQRTUWXY"
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def each(warehouse: psycopg.Connection, function: str, values: list[str]) -> list[object]:
    """Return the function's answer for each value, in one query; ``$`` stands for the value."""
    query = f"select {function.replace('$', 'v')} from unnest(%s::text[]) with ordinality as t (v, n) order by n"
    return [row[0] for row in warehouse.execute(query, (values,))]


def texts(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


@MANY
@given(bodies=st.lists(texts(DIGITS, 14), min_size=1, max_size=60))
def test_a_registration_number_has_one_check_digit(bodies: list[str], warehouse: psycopg.Connection) -> None:
    values = [body + last for body in bodies for last in DIGITS]
    assert each(warehouse, "quality.is_registration_no($)", values) == [mod_11_10.is_valid(v) for v in values]


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("440301103448669", True), ("440301103097413", True), ("110108012660422", True), ("110108000000016", True),
        ("110000450227179", False), ("330106000041391", False), ("440301501147107", False), ("4403011034486", False),
        ("44030110344866９", False), ("", False),
    ],
)  # fmt: skip
def test_registration_number_vectors(code: str, valid: bool, warehouse: psycopg.Connection) -> None:
    assert each(warehouse, "quality.is_registration_no($)", [code]) == [valid]


@MANY
@given(
    parts=st.lists(
        st.tuples(st.sampled_from(["110105", "310115", "510104"]), st.dates(dt.date(1900, 1, 1)), texts(DIGITS, 3)),
        min_size=1,
        max_size=40,
    )
)
def test_an_identity_number_has_one_check_character(
    parts: list[tuple[str, dt.date, str]], warehouse: psycopg.Connection
) -> None:
    values = [f"{place}{born:%Y%m%d}{number}{last}" for place, born, number in parts for last in "0123456789X"]
    expected = [v[-1] == ric.calc_check_digit(v) for v in values]
    assert each(warehouse, "quality.is_identity_number($)", values) == expected


@pytest.mark.parametrize("code", ["110105194902290017", "11010519491331002X", "1101051949123100", "P1", ""])
def test_what_has_no_such_day_or_shape_is_no_identity_number(code: str, warehouse: psycopg.Connection) -> None:
    assert each(warehouse, "quality.is_identity_number($)", [code]) == [False]


@MANY
@given(parts=st.lists(st.tuples(texts(DIGITS, 8), texts(ALPHABET, 8), st.sampled_from("0123456789X")), max_size=60))
def test_a_uscc_is_asked_for_its_organisation_code_only_when_it_is_right_itself(
    parts: list[tuple[str, str, str]], warehouse: psycopg.Connection
) -> None:
    bodies = [first + organisation + check for first, organisation, check in parts]
    right = [body + str(uscc.calc_check_digit(body)) for body in bodies]
    inner = [make_organisation_code(body[8:16])[-1] == body[16] for body in bodies]
    assert each(warehouse, "quality.uscc_holds_organisation_code($)", right) == inner
    wrong = [code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 31] for code in right]
    found = each(warehouse, "quality.uscc_holds_organisation_code($)", wrong)
    assert [answer for answer, holds in zip(found, inner, strict=True) if not holds] == [None] * inner.count(False)


@MANY
@given(values=st.lists(st.one_of(STORABLE, texts("0123459FX", 18), texts("012", 20)), max_size=60))
def test_a_device_code_is_told_by_its_shape(values: list[str], warehouse: psycopg.Connection) -> None:
    samples = [
        *values, "311010123202400001", "31106401052014080025", "F22031001201900012", "31106401052014130025",
        "311010123180000001", "311110123202400001", "3110640105201408002A",
    ]  # fmt: skip
    assert each(warehouse, "quality.is_device_code($)", samples) == [is_device_code(v) for v in samples]


def test_a_device_code_tells_when_it_was_made_and_how_its_certificate_begins(warehouse: psycopg.Connection) -> None:
    codes = ["311010123202400001", "31106401052014080025", "231010123202400001", "F22031001201900012", "1"]
    assert each(warehouse, "quality.device_made_in($)", codes) == ["2024", "201408", "2024", "2019", None]
    assert each(warehouse, "quality.use_certificate_start($)", codes) == ["梯11", "梯11", "瓶31", None, "锅"]


@pytest.mark.parametrize(
    ("text", "amount", "named"),
    [
        ("处以罚款20,000元。", "20000", True),
        ("处以罚款2.5万元整", "25000", True),
        ("处以罚款２万元", "20000", True),
        ("没收违法所得1000元，罚款3000元", "3000", True),
        ("对甲罚款1000元，对乙罚款2000元", "3000", True),
        ("处5000元罚款", "5000", True),
        ("罚款人民币20000元，上缴国库", "20000", True),
        ("罚款，没收违法所得1000元", "5000", None),
        ("1.警告；2.罚款；3.没收违法所得12580元。", "5000", None),
        ("处以罚款20000元", "200000000", False),
        ("处以罚款贰万元整", "20000", None),
        ("给予警告", "20000", None),
    ],
)
def test_the_fines_that_a_text_names_hold_the_amount(
    text: str, amount: str, named: bool | None, warehouse: psycopg.Connection
) -> None:
    assert each(warehouse, f"quality.names_fine($, {Decimal(amount)})", [text]) == [named]


@MANY
@given(values=st.lists(STORABLE, min_size=1, max_size=60), limit=st.integers(1, 60))
def test_bytes_of_gb18030_are_counted(values: list[str], limit: int, warehouse: psycopg.Connection) -> None:
    found = each(warehouse, f"quality.fits_gb18030($, {limit})", values)
    assert found == [len(v) > limit or len(v.encode("gb18030")) <= limit for v in values]


def test_a_moment_is_a_day_in_shanghai_and_a_document_has_a_year(warehouse: psycopg.Connection) -> None:
    moments = ["2026-03-15T16:00:00+00:00", "2026-03-15 15:59:59+00", "2026-03-16 05:00:00+08", "soon"]
    days = [dt.date(2026, 3, 16), dt.date(2026, 3, 15), dt.date(2026, 3, 16), None]
    assert each(warehouse, "quality.shanghai_day($)", moments) == days
    assert each(warehouse, "quality.document_year($)", ["甲市监处罚〔2026〕1号", "第1号"]) == ["2026", None]


def test_the_catalogue_of_equipment_is_a_tree_and_its_leaves_begin_device_codes(warehouse: psycopg.Connection) -> None:
    levels = dict(warehouse.execute("select level, count(*) from control.device_category group by level").fetchall())
    assert levels == {"种类": 10, "类别": 48, "品种": 99}
    kinds = 'select kind_name from control.device_kind where category_code = %s order by kind_name collate "C"'
    assert warehouse.execute(kinds, ("3110",)).fetchall() == [("曳引与强制驱动电梯",), ("曳引驱动乘客电梯",), ("电梯",)]
    assert warehouse.execute(kinds, ("3100",)).fetchall() == []
    assert warehouse.execute(kinds, ("5200",)).fetchall() == [("场(厂)内专用机动车辆",), ("非公路用旅游观光车辆",)]
