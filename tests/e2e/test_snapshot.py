"""The fast reading of a check (one pass, distinct texts, two sessions) says exactly what the checked view says."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql

from market_regulation.landing import check_due, land_due
from market_regulation.quality import distinct_texts, snapshot
from market_regulation.quality.suite import load_suite
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
USCC = "91110000600037341L"
CELLS = {
    "code": ["A1", " a1 ", "Ａ１", "a\t1", "", "/", "n/a", "无", "甲1", "a b"],
    "uscc": [USCC, USCC.lower(), f" {USCC}　", USCC[:-1] + "X", "", "N/A", "９１110000600037341L", "x"],
    "document": ["粤市监〔2024〕1号", "粤市监[2024]1号", "", "（2024）2号", "/"],
    "name": ["甲公司", " 甲公司　", "甲 公司", "/", "", "\u00a0", "abc", "合格", "不合格"],
    "seen_on": [
        "2026-03-05",
        "2026/3/5",
        "2026-3-5",
        "2026-02-30",
        "２０２６-03-05",
        "2026-03-05 08:00",
        "",
        "无",
        "5.3.",
    ],
    "ended_on": ["2026-03-06", "2026/03/04", "", "x"],
    "fine": ["100.50", "1,000", "007.5", "30万元", "-2", "abc", "", "１２", "0.5", "1e5"],
    "model": ["X1/B7", "X1", "/B7", "", "x/y/z"],
}
COLUMNS = {
    "code": {"type": "code", "title": "编号"},
    "uscc": {"type": "code", "title": "代码"},
    "document": {"type": "code", "title": "文号", "normalise": "document_no"},
    "name": {"type": "text", "title": "名称"},
    "seen_on": {"type": "date", "title": "日期"},
    "ended_on": {"type": "date", "title": "止"},
    "fine": {"type": "amount", "unit": "元", "title": "罚款"},
    "model": {"type": "text", "title": "型号"},
    "fixed": {"type": "text", "title": "固定"},
}
PROFILE = {
    "submitter": "tester",
    "format": {"kind": "csv"},
    "constants": {"fixed": "总是"},
    "dates": ["YYYY-MM-DD", "YYYY/MM/DD"],
    "lookups": {"name": {"合格": "PASS", "不合格": "FAIL"}},
    "splits": {"model": "^([^/]*)/"},
    "null_words": ["/", "无", "n/a", "N/A"],
}


@pytest.fixture
def source(make_source: Callable[..., Source], rule: Callable[..., Any]) -> Source:
    """A source with a column of every kind and rules of every kind."""
    rules = [
        rule(2, "be_in_set", column="name", value_set=["PASS", "FAIL", "甲公司"]),
        rule(3, "match_regex", column="document", regex="^.+号$"),
        rule(4, "rule_column", name="uscc_valid", passes="quality.is_uscc(uscc)"),
        rule(5, "rule_column", name="seen_read", passes="quality.was_read(seen_on, seen_on_date)"),
        rule(6, "rule_column", name="seen_iso", passes="quality.is_date(seen_on)", action="warn"),
        rule(7, "rule_column", name="not_dear", passes="fine_amount < 500"),
        rule(8, "rule_column", name="not_future", passes="seen_on_date <= business_day and submitter = 'tester'"),
        rule(9, "rule_column", column_A="ended_on_date", column_B="seen_on_date", or_equal=True)
        | {"expectation": "expect_column_pair_values_a_to_be_greater_than_b"},
        rule(10, "rule_column", name="model_short", passes="char_length(model) < 3 and model not like '%y%'"),
        rule(11, "not_be_null", column="fixed"),
    ]
    return make_source("test_snapshot", rules, columns=COLUMNS, profiles={"plain": PROFILE})


@pytest.mark.parametrize("many_rows", [50_000, 1], ids=["a short delivery", "a long delivery"])
def test_the_snapshot_says_what_the_checked_view_says(
    many_rows: int,
    source: Source,
    deliver: Callable[..., int],
    warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "MANY_ROWS", many_rows)
    chance = random.Random(many_rows)
    records = [{column: chance.choice(texts) for column, texts in CELLS.items()} for _ in range(600)]
    delivery_id = deliver(source, records, DAY)
    land_due(source, DAY)
    suite = load_suite(source)
    decided = distinct_texts.decide_on_distinct_texts(warehouse, source, suite, "plain", delivery_id, DAY)
    assert "uscc_valid" in decided
    assert "fixed" not in {column for column, _ in decided.values()}
    name = snapshot.take_snapshot(source, suite, "plain", delivery_id, DAY, len(records))
    shown = [
        column
        for (column,) in warehouse.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (f"quality.{name}",),
        )
        if column not in {"failed", "warned", "key_hash", "row_key"}
    ]
    assert {"row_no", "code", "document", "uscc_valid", "seen_on_date", "fixed"} <= set(shown)
    rules = {rule.name for rule in suite.rule_columns}  # what is not false has passed
    columns = sql.SQL(", ").join(
        sql.SQL("{} is not false" if column in rules else "{}").format(sql.Identifier(column)) for column in shown
    )
    view = sql.Identifier("quality", f"{source.source}_checked")
    with warehouse.transaction():
        for setting, value in (("delivery_id", delivery_id), ("business_day", DAY)):
            warehouse.execute("select set_config(%s, %s, true)", (f"market_regulation.{setting}", str(value)))
        expected = warehouse.execute(sql.SQL("select {} from {} order by row_no").format(columns, view)).fetchall()
    table = sql.Identifier("quality", name)
    found = warehouse.execute(sql.SQL("select {} from {} order by row_no").format(columns, table)).fetchall()
    assert len(found) == 600
    assert found == expected
    hashes = sql.SQL("select row_no, {} from {} order by row_no")
    with_keys = hashes.format(sql.SQL("key_hash"), table)
    with warehouse.transaction():
        for setting, value in (("delivery_id", delivery_id), ("business_day", DAY)):
            warehouse.execute("select set_config(%s, %s, true)", (f"market_regulation.{setting}", str(value)))
        keys = warehouse.execute(hashes.format(sql.SQL("hashtextextended(row_key, 0)"), view)).fetchall()
    assert warehouse.execute(with_keys).fetchall() == keys
    snapshot.drop_snapshot(warehouse, name)


def test_a_cell_that_does_not_fit_its_split_is_seen_whole(
    source: Source, deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    """What the column is not cut out of stays, so that the column's rules judge it instead of taking it for empty."""
    delivery_id = deliver(source, [{column: texts[0] for column, texts in CELLS.items()} | {"model": "x1 y"}], DAY)
    land_due(source, DAY)
    view = sql.Identifier("quality", f"{source.source}_canonical")
    read = sql.SQL("select model from {} where delivery_id = %s").format(view)
    assert warehouse.execute(read, (delivery_id,)).fetchone() == ("x1 y",)


def test_a_constant_amount_and_date_are_read(make_source: Callable[..., Source], deliver: Callable[..., int]) -> None:
    """The planner works the constant's reading out beforehand, and must not stumble over it."""
    constants = {"fixed": "总是", "fine": "1000.00", "ended_on": "2026-03-16"}
    profile = {**PROFILE, "constants": constants, "units": {"fine": "万元"}}
    source = make_source("test_constants", columns=COLUMNS, profiles={"plain": profile})
    deliver(source, [{column: texts[0] for column, texts in CELLS.items()}], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert (result.verdict, result.accepted) == ("loaded", 1)
