"""The fast reading of a check (one pass, distinct texts, two sessions) says exactly what the checked view says."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql

from market_regulation import settings
from market_regulation.landing import collect, land_due, loading
from market_regulation.quality import snapshot
from market_regulation.quality.distinct_texts import drop_texts, gather
from market_regulation.quality.judging import needed_columns
from market_regulation.quality.landed_rows import find_rows
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
        rule(12, "match_regex", column="code", regex="^[A-Z0-9]+$"),
        rule(13, "rule_column", name="seen_given", passes="seen_on is not null and seen_on_date > '2026-03-01'"),
    ]
    return make_source("test_snapshot", rules, columns=COLUMNS, profiles={"plain": PROFILE})


@pytest.mark.parametrize(
    ("many_rows", "long_delivery"),
    [(50_000, 1 << 30), (1, 1 << 30), (1, 1)],
    ids=["a short delivery", "many rows among others", "many rows in a partition of their own"],
)
def test_the_snapshot_says_what_the_checked_view_says(
    many_rows: int,
    long_delivery: int,
    source: Source,
    deliver: Callable[..., int],
    warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "MANY_ROWS", many_rows)
    monkeypatch.setattr(loading, "LONG_DELIVERY", long_delivery)
    chance = random.Random(many_rows + long_delivery)
    records = [{column: chance.choice(texts) for column, texts in CELLS.items()} for _ in range(600)]
    delivery_id = deliver(source, records, DAY)
    land_due(source, DAY)
    suite = load_suite(source)
    rows = find_rows(warehouse, source.source, delivery_id, DAY, len(records))
    assert (rows.blocks is not None) == (long_delivery == 1)
    texts = gather(source, suite, "plain", needed_columns(source, suite), rows)
    assert texts.columns["uscc"].broken == {"TST-04": True}
    assert set(texts.columns["seen_on"].broken) == {"TST-05", "TST-06"}  # nothing breaks TST-13, so rows are asked
    assert "fixed" not in texts.columns
    drop_texts(warehouse, texts)
    name = snapshot.take_snapshot(source, suite, "plain", rows)
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


@pytest.mark.parametrize(
    ("cell", "day", "batch"),
    [
        ("2026-03-01", "2026-03-01", None),
        ("批号:B8", None, "B8"),
        ("2026-03-01批号:B8", "2026-03-01", "B8"),
        ("2026-03-01/B8", "2026-03-01", "2026-03-01/B8"),
        ("x", "x", "x"),
    ],
)
def test_nothing_of_a_cell_that_two_columns_share_is_lost(
    cell: str,
    day: str | None,
    batch: str | None,
    make_source: Callable[..., Source],
    warehouse: psycopg.Connection,
) -> None:
    columns = {name: {"type": "text", "title": name} for name in ("code", "made_on", "batch")}
    columns["made_on"] = {"type": "date", "title": "生产日期"}
    profile = {
        "headers": {"编号": "code", "日期/批号": ["made_on", "batch"]},
        "submitter": "t",
        "format": {"kind": "csv"},
    }
    splits = {"made_on": "^([0-9]{4}-[0-9]{2}-[0-9]{2})", "batch": "批号[:：](.*)"}
    freshness = {"column": "made_on", "warn_days": 3, "error_days": 10}
    source = make_source(
        "test_shared_cell",
        columns=columns,
        profiles={"plain": profile | {"splits": splits}},
        freshness=freshness,
    )
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "a.csv").write_text(f"编号,日期/批号\nA1,{cell}\n")
    [delivery_id] = collect(source, DAY)
    land_due(source, DAY)
    view = sql.Identifier("quality", f"{source.source}_canonical")
    read = sql.SQL("select made_on, batch from {} where delivery_id = %s").format(view)
    assert warehouse.execute(read, (delivery_id,)).fetchone() == (day, batch)
