"""The keys of accepted rows: complete, rebuilt when missing or read differently, never trusted by hash alone."""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from market_regulation.landing import check_due, land_due, prepare
from market_regulation.quality import known_rows
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
ROWS = [{"code": code, "name": name, "seen_on": "2026-03-16"} for code, name in [
    ("A1", "甲"), ("A1", "甲"), ("", "无号"), ("a2 ", "乙"), ("A3", "丙"), ("A3", "不同"),
]]  # fmt: skip


def run(source: Source) -> None:
    land_due(source, DAY)
    check_due(source, DAY)


def keys(warehouse: psycopg.Connection, source: Source) -> list[tuple[int, str]]:
    """Return row number and key of every line of the table; its hash must be that of the accepted row."""
    query = sql.SQL(
        "select k.row_no, a.row_key from {} as k left join {} as a on a.delivery_id = k.delivery_id"
        " and a.row_no = k.row_no and hashtextextended(a.row_key, 0) = k.key_hash order by 1, 2"
    ).format(sql.Identifier("quality", f"{source.source}_key"), sql.Identifier("quality", f"{source.source}_accepted"))
    return warehouse.execute(query).fetchall()


def test_exactly_the_accepted_rows_have_their_keys(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = make_source("test_keys_kept")
    deliver(source, ROWS, DAY)
    run(source)
    assert keys(warehouse, source) == [(1, "A1"), (4, "A2"), (5, "A3")]


def test_a_missing_table_is_rebuilt_from_the_accepted_rows(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = make_source("test_keys_lost")
    deliver(source, ROWS, DAY)
    run(source)
    warehouse.execute("drop table quality.test_keys_lost_key")
    prepare(source, DAY)
    assert keys(warehouse, source) == [(1, "A1"), (4, "A2"), (5, "A3")]


def test_another_key_makes_the_table_anew(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = make_source("test_keys_changed")
    deliver(source, ROWS, DAY)
    run(source)
    columns = {"code": {"type": "text", "title": "编号", "optional": True}, "name": {"type": "text", "title": "名称"}}
    seen_on = {"seen_on": {"type": "date", "title": "日期"}}
    rule = {"rule_id": "TST-09", "action": "quarantine", "severity": "error", "reason": "缺"}
    required = {"expectation": "expect_column_values_to_not_be_null", "column": "name", "meta": rule}
    changed = make_source("test_keys_changed", [required], key=["name", "code"], columns=columns | seen_on)
    prepare(changed, DAY)
    assert keys(warehouse, changed) == [(1, "甲|A1"), (4, "乙|a2"), (5, "丙|A3")]


def test_rows_of_one_hash_and_two_keys_are_two_rows(
    make_source: Callable[..., Source],
    deliver: Callable[..., int],
    warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = make_source("test_keys_collide")
    passing = known_rows.passing
    one_hash = sql.SQL("(select 7 as key_hash, row_no from {} as one)").format
    monkeypatch.setattr(known_rows, "passing", lambda rows: one_hash(passing(rows)))
    delivery_id = deliver(source, [{"code": code, "name": "甲", "seen_on": "2026-03-16"} for code in ("B1", "B2")], DAY)
    run(source)
    found = warehouse.execute(
        "select accepted_rows, duplicate_rows from landing.delivery where delivery_id = %s", (delivery_id,)
    ).fetchone()
    assert found == (2, 0)


def test_a_constant_of_the_profile_tells_the_keys_of_two_submitters_apart(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    """An agency need not write its own code into its files for its numbers to be its own."""
    columns = {name: {"type": "code", "title": name} for name in ("agency", "code")}
    seen_on = {"seen_on": {"type": "date", "title": "日期"}}
    headers = {"编号": "code", "日期": "seen_on"}
    profiles = {
        name: {"submitter": name, "format": {"kind": "csv"}, "headers": headers, "constants": {"agency": name}}
        for name in ("north", "south")
    }
    rule = {"rule_id": "TST-09", "action": "quarantine", "severity": "error", "reason": "缺"}
    required = {"expectation": "expect_column_values_to_not_be_null", "column": "agency", "meta": rule}
    source = make_source(
        "test_keys_constant", [required], key=["agency", "code"], columns=columns | seen_on, profiles=profiles
    )
    for profile in profiles:
        deliver(source, [{"code": "A1", "seen_on": "2026-03-16"}], DAY, profile=profile)
    run(source)
    assert [key for _, key in keys(warehouse, source)] == ["NORTH|A1", "SOUTH|A1"]
