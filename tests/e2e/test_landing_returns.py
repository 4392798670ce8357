"""What a submitter gets back: every rejected row as it was sent, with every reason, in a file that does no harm."""

import datetime as dt
import multiprocessing
import os
import signal
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from openpyxl import load_workbook

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.quality.returns import layout, sending
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
Deliver = Callable[..., int]
Make = Callable[..., Source]
Rule = Callable[..., Any]


def row(code: str, name: str | None = "甲", seen_on: str | None = "2026-03-01") -> dict[str, str | None]:
    return {"code": code, "name": name, "seen_on": seen_on}


def run(source: Source) -> list[Path]:
    land_due(source, DAY)
    check_due(source, DAY)
    return send_back(source)


def sheet(path: Path, number: int = 0) -> list[list[Any]]:
    """Return the cells of a sheet as openpyxl opens it; every one of them must be a text."""
    rows = list(load_workbook(path).worksheets[number].iter_rows())
    assert {cell.data_type for cells in rows for cell in cells if cell.value is not None} == {"s"}
    return [[cell.value for cell in cells] for cells in rows]


def table(path: Path, number: int = 0) -> list[list[Any]]:
    """Return the headings and what stands below them."""
    rows = sheet(path, number)
    return rows[[cells[0] for cells in rows].index("行号") :]


def test_the_file_shows_the_submitter_each_row_with_reasons_warnings_and_advice(
    make_source: Make, deliver: Deliver, rule: Rule
) -> None:
    rules = [
        rule(2, "be_in_set", column="name", value_set=["甲", "乙"]),
        rule(3, "rule_column", name="dated", passes="quality.is_date(seen_on)"),
        rule(4, "match_regex", column="code", regex="^A", action="warn"),
    ]
    source = make_source("returns_shown", rules=rules)
    rows = [row("A1"), row("B2", "丙", "5-3-2026"), row("A3", "乙 ", "2026年3月5日"), row("A1"), row("", "=1+1")]
    delivery_id = deliver(source, rows, DAY)
    [path] = run(source)
    assert path == settings.returns() / "returns_shown" / "plain" / f"test.plain.return-{delivery_id}.xlsx"
    facts = {cells[0]: cells[1] for cells in sheet(path) if cells[0]}
    expected = {"批次号": str(delivery_id), "文件": "test", "提交单位": "tester", "业务日期": "2026-03-16",
                "接收行数": "5", "接受行数": "1", "退回行数": "3", "重复行数": "1"}  # fmt: skip
    assert facts | expected == facts
    assert table(path) == [
        ["行号", "退回原因", "修改建议", "名称", "日期", "编号"],  # in the order of the profile
        ["2", "TST-02 规则2\nTST-03 规则3\nTST-04 规则4（提示）", None, "丙", "5-3-2026", "B2"],
        ["3", "TST-03 规则3", "TST-03 “2026年3月5日”疑为“2026-03-05”", "乙 ", "2026年3月5日", "A3"],
        ["5", "TST-01 规则1\nTST-02 规则2", None, "'=1+1", "2026-03-01", None],
    ]


def test_a_row_that_cannot_be_read_is_given_back_as_its_text(make_source: Make, deliver: Deliver) -> None:
    source = make_source("returns_raw")
    deliver(source, [row("A1"), row("A2", "=甲\0"), row("")], DAY)
    [path] = run(source)
    assert table(path) == [
        ["行号", "退回原因", "修改建议", "退回行原文", "名称", "日期", "编号"],
        [
            "2",
            "LAND-01 该行无法解析（列数不符、引号或编码错误、公式未计算）",
            "LAND-01 请按模板重新生成该行",
            "A2,=甲\\x00,2026-03-01",
            None,
            None,
            None,
        ],
        ["3", "TST-01 规则1", None, None, "甲", "2026-03-01", None],
    ]


def test_more_rows_than_a_sheet_takes_go_on_in_the_next(
    make_source: Make, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ROWS_PER_SHEET", 2)
    source = make_source("returns_sheets")
    deliver(source, [row("", name) for name in "甲乙丙丁戊"], DAY)
    [path] = run(source)
    assert [[cells[3] for cells in table(path, number)[1:]] for number in range(3)] == [
        ["甲", "乙"],
        ["丙", "丁"],
        ["戊"],
    ]
    assert {cells[0]: cells[1] for cells in sheet(path)[:5]}["工作表数"] == "3"


def test_nobody_else_can_open_the_files(make_source: Make, deliver: Deliver) -> None:
    source = make_source("returns_private")
    deliver(source, [row("")], DAY)
    [path] = run(source)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (settings.returns(), path.parents[1], path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_only_a_delivery_with_rejected_rows_gets_a_file_and_only_once(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("returns_once")
    deliver(source, [row("A1")], DAY)
    bad = deliver(source, [row("A2"), row("")], DAY)
    [path] = run(source)
    before = path.stat()
    assert send_back(source) == []
    assert path.stat() == before
    entered = "select delivery_id, path, rows from quality.return_file where path like 'returns_once/%'"
    assert warehouse.execute(entered).fetchall() == [(bad, f"returns_once/plain/{path.name}", 1)]


def test_a_refused_delivery_gets_a_notice_which_is_taken_back_when_it_loads_after_all(
    make_source: Make, deliver: Deliver, rule: Rule
) -> None:
    block = rule(2, "be_in_set", column="name", value_set=["乙"], action="block")
    source = make_source("returns_notice", rules=[block], volume={"min": 3, "max": 9})
    delivery_id = deliver(source, [row("A1"), row("")], DAY)
    [notice] = run(source)
    assert notice.name == f"test.refused-{delivery_id}.xlsx"
    lines = [cells for cells in sheet(notice) if cells[0] in ("批次号", "退回原因", "系统信息")]
    assert lines[:2] == [["批次号", str(delivery_id)], ["退回原因", "TST-02 规则2（2行）"]]
    assert "at least 3 (volume.min)" in lines[2][1]
    [path] = run(make_source("returns_notice"))
    assert not notice.exists()
    assert [cells[0] for cells in table(path)] == ["行号", "2"]


def test_a_file_that_fitted_no_profile_is_answered_too(make_source: Make, warehouse: psycopg.Connection) -> None:
    profile = {"submitter": "t", "format": {"kind": "csv"}}
    source = make_source(
        "returns_nobody", profiles={"a": {**profile, "files": "a_*"}, "b": {**profile, "files": "b_*"}}
    )
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True)
    (inbox / "c.csv").write_text("x\n1\n")
    [delivery_id] = collect(source, DAY)
    assert run(source) == [settings.returns() / source.source / "_" / f"c.refused-{delivery_id}.xlsx"]


@pytest.mark.parametrize("place", ["_private_folder", "fill_rejected", "write_workbook"])
def test_killed_while_writing_the_repeated_call_writes_the_same_file(
    place: str, make_source: Make, deliver: Deliver
) -> None:
    source = make_source(f"returns_kill_{place.strip('_')}")
    delivery_id = deliver(source, [row("", name) for name in "甲乙"], DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    elsewhere = set(Path(tempfile.gettempdir()).glob("openpyxl*"))
    _send_and_kill_after(place, source)
    assert set(Path(tempfile.gettempdir()).glob("openpyxl*")) == elsewhere  # rows lie nowhere but in their folder
    path = settings.returns() / source.source / "plain" / f"test.plain.return-{delivery_id}.xlsx"
    left = path.read_bytes() if place == "write_workbook" else None
    assert send_back(source) == [path]
    assert [cells[3] for cells in table(path)[1:]] == ["甲", "乙"]
    assert left in (None, path.read_bytes())
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def _send_and_kill_after(place: str, source: Source) -> None:
    """Send back in a forked child, in another year, that dies by SIGKILL once ``place`` has done its work."""

    def child() -> None:
        done = getattr(sending, place)

        def last_call(*arguments: Any) -> None:
            done(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(sending, place, last_call)
        with time_machine.travel(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
            send_back(source)

    process = multiprocessing.get_context("fork").Process(target=child, daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
