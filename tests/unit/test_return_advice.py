"""Advice on rejected rows: a value is only suggested where one alone is likely."""

from collections.abc import Callable
from typing import Any

import pytest

from market_regulation.quality.returns.advice import Advisor, uscc_meant
from market_regulation.quality.returns.layout import headings
from market_regulation.quality.suite import load_suite
from market_regulation.sources.contract import Source

VALID = "91110000600037341L"  # verified vector of GB 32100
Make = Callable[..., Source]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9111OOOO600037341L", None),  # four look-alikes: more than one character would have to change
        ("9111O000600037341L", VALID),
        ("91I10000600037341L", VALID),
        ("９１１１０００o６０００３７３４１l", VALID),  # width and case are no obstacle
        (VALID, None),
        ("91110000600037341X", None),
        ("9111O000600037341X", None),
        ("", None),
    ],
)
def test_a_code_is_suggested_when_one_look_alike_makes_its_check_character_right(text: str, meant: str | None) -> None:
    assert uscc_meant(text) == meant


@pytest.fixture
def advisor(make_source: Make, rule: Callable[..., Any]) -> Advisor:
    columns = {
        "code": {"type": "code", "title": "编号"},
        "name": {"type": "text", "title": "结论"},
        "seen_on": {"type": "date", "title": "日期"},
        "uscc": {"type": "code", "title": "代码"},
        "paid": {"type": "amount", "title": "金额"},
    }
    profile = {
        "submitter": "t", "format": {"kind": "csv"}, "dates": ["YYYY/MM/DD"], "units": {"paid": "万元"},
        "lookups": {"name": {"合格": "PASS", "合格品": "PASS", "不合格": "FAIL"}},
    }  # fmt: skip
    rules = [
        rule(2, "be_in_set", column="name", value_set=["PASS", "FAIL", "N/A"]),
        rule(3, "rule_column", name="a", passes="quality.was_read(seen_on, seen_on_date)"),
        rule(4, "rule_column", name="b", passes="quality.is_uscc(uscc)"),
        rule(5, "rule_column", name="c", passes="paid_amount < 1000000"),
        rule(6, "match_regex", column="name", regex="^[A-Z]+$"),
        {**rule(7, "not_be_null", column="name"), "meta": {**rule(7, "x")["meta"], "advice": "请补填"}},
    ]
    source = make_source("test_advice", columns=columns, rules=rules, profiles={"plain": profile})
    return Advisor(source, load_suite(source), source.profiles["plain"])


@pytest.mark.parametrize(
    ("rule_id", "record", "advice"),
    [
        ("TST-02", {"name": "不 合 格"}, ["TST-02 “不 合 格”疑为“不合格”"]),
        ("TST-02", {"name": "ｎ/ａ"}, ["TST-02 “ｎ/ａ”疑为“N/A”"]),
        ("TST-02", {"name": "大概合格"}, []),
        ("TST-02", {"name": None}, []),
        ("TST-03", {"seen_on": "5.3.2026"}, ["TST-03 “5.3.2026”疑为“2026/03/05”"]),
        ("TST-03", {"seen_on": "2026/2/30"}, []),
        ("TST-04", {"uscc": "9111O000600037341L"}, [f"TST-04 “9111O000600037341L”疑为“{VALID}”，请对照证照核对"]),
        ("TST-05", {"paid": "2000000"}, ["TST-05 “2000000”，未注明单位时按万元读取，请核对是否混淆了元与万元"]),
        ("TST-05", {"paid": "2000000元"}, ["TST-05 “2000000元”，请核对是否混淆了元与万元"]),
        ("TST-06", {"name": "ａｂ c"}, ["TST-06 “ａｂ c”疑为“ABC”"]),
        ("TST-06", {"name": "1"}, []),
        ("TST-07", {"name": ""}, ["TST-07 请补填"]),
        ("TST-99", {"name": "x"}, []),  # a rule that the suite no longer has
    ],
)
def test_each_rule_has_its_advice(rule_id: str, record: dict[str, str], advice: list[str], advisor: Advisor) -> None:
    assert advisor.advise([rule_id], record, {"5.3.2026": "2026-03-05"}) == advice


def test_dates_are_looked_for_where_a_rule_speaks_of_them(advisor: Advisor) -> None:
    record = {"name": "2026.1.1", "seen_on": "2026.1.2"}
    assert list(advisor.date_texts(["TST-02", "TST-03", "TST-04"], record)) == ["2026.1.2"]


def test_the_submitters_own_headings_stand_in_the_order_of_the_profile(make_source: Make) -> None:
    names = ("code", "name", "seen_on", "made_on", "batch", "kind", "note")
    columns = {name: {"type": "text", "title": name, "optional": name == "note"} for name in names}
    profile = {
        "submitter": "t", "format": {"kind": "csv"}, "constants": {"kind": "K"},
        "headers": {"日期": "seen_on", "生产日期/批号": ["made_on", "batch"], "名称": "name", "品名": "name"},
    }  # fmt: skip
    source = make_source("test_headings", columns={**columns, "seen_on": {"type": "date", "title": "日期"}},
                         profiles={"plain": profile})  # fmt: skip
    mine = {"日期": "seen_on", "生产日期/批号": "made_on", "名称": "name", "code": "code"}
    assert headings(source, "plain", set()) == mine
    assert headings(source, "plain", {"note", "kind"}) == {**mine, "kind": "kind", "note": "note"}
