"""A return file that comes back corrected puts right exactly the rows it stands for, and nothing else."""

import datetime as dt
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.quality.returns import layout
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
Deliver = Callable[..., int]
Make = Callable[..., Source]
Edits = Mapping[tuple[str, str], str | None]


@pytest.fixture
def source(make_source: Make, rule: Callable[..., Any], request: pytest.FixtureRequest) -> Source:
    """A source of the test's own in which names are one of two."""
    return make_source(
        f"again_{zlib.crc32(request.node.name.encode()):x}",
        rules=[rule(2, "be_in_set", column="name", value_set=["甲", "乙", "=1"])],
    )


def row(code: str, name: str | None = "甲", seen_on: str | None = "2026-03-01") -> dict[str, str | None]:
    return {"code": code, "name": name, "seen_on": seen_on}


def run(source: Source) -> Path | None:
    """Land and check what is due; return what is sent back."""
    land_due(source, DAY)
    check_due(source, DAY)
    written = send_back(source)
    return written[0] if written else None


def resubmit(source: Source, path: Path, edits: Edits, name: str = "") -> int:
    """Correct cells of a return file, named by row number and heading, and drop it into the inbox; enter it."""
    book = load_workbook(path)
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows())
        top = next(number for number, cells in enumerate(rows) if cells[0].value == "行号")
        headings = [cell.value for cell in rows[top]]
        for cells in rows[top + 1 :]:
            for (row_no, heading), value in edits.items():
                if cells[0].value == row_no:
                    cells[headings.index(heading)].value = value
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True, exist_ok=True)
    book.save(inbox / (name or path.name))
    [delivery_id] = collect(source, DAY)
    return delivery_id


def status(warehouse: psycopg.Connection, delivery_id: int) -> Any:
    return warehouse.execute(
        "select status, received_rows, accepted_rows, quarantined_rows, duplicate_rows, blocked_rows"
        " from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchone()


def resolved(warehouse: psycopg.Connection, delivery_id: int) -> list[Any]:
    return warehouse.execute(
        "select row_no, resolved_by_delivery_id from quality.quarantine where delivery_id = %s order by 1",
        (delivery_id,),
    ).fetchall()


def withdrawn(warehouse: psycopg.Connection, delivery_id: int) -> list[Any]:
    return warehouse.execute(
        "select row_no, withdrawn_by_delivery_id from quality.quarantine where delivery_id = %s order by 1",
        (delivery_id,),
    ).fetchall()


def waiting(warehouse: psycopg.Connection, source: Source) -> list[Any]:
    """What the view of open rows says of a source: delivery, open and withdrawn rows."""
    return warehouse.execute(
        "select delivery_id, open_rows, withdrawn_rows from quality.open_quarantine where source = %s order by 1",
        (source.source,),
    ).fetchall()


def test_a_corrected_file_resolves_its_rows_even_under_another_key(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1"), row("A2", "丙"), row("A3", "=2"), row("")], DAY)
    path = run(source)
    assert path is not None
    again = resubmit(source, path, {("2", "名称"): "乙", ("3", "名称"): "'=1", ("4", "编号"): "A4"})
    assert run(source) is None
    assert status(warehouse, again) == ("loaded", 3, 3, 0, 0, 0)
    assert status(warehouse, first) == ("loaded", 4, 1, 3, 0, 0)
    assert resolved(warehouse, first) == [(2, again), (3, again), (4, again)]
    accepted = warehouse.execute(f"select row_key, name from quality.{source.source}_accepted order by 1").fetchall()
    assert accepted == [("A1", "甲"), ("A2", "乙"), ("A3", "=1"), ("A4", "甲")]


def test_a_row_left_as_it_was_is_rejected_again_and_a_second_correction_resolves_the_whole_chain(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1"), row("A2", "丙"), row("", "丙")], DAY)
    path = run(source)
    assert path is not None
    second = resubmit(source, path, {("2", "名称"): "乙"})
    path = run(source)
    assert path is not None
    assert path.name == f"test.plain.return-{second}.xlsx"
    assert status(warehouse, second) == ("loaded", 2, 1, 1, 0, 0)
    assert resolved(warehouse, first) == [(2, second), (3, None)]
    link = "select row_no, of_delivery_id, of_row_no from landing.correction where delivery_id = %s order by 1"
    assert warehouse.execute(link, (second,)).fetchall() == [(1, first, 2), (2, first, 3)]
    is_open = "select delivery_id, open_rows from quality.open_quarantine where source = %s"
    assert warehouse.execute(is_open, (source.source,)).fetchall() == [(second, 1)]
    third = resubmit(source, path, {("2", "名称"): "乙", ("2", "编号"): "A9"})
    run(source)
    assert resolved(warehouse, first) == [(2, second), (3, third)]
    assert resolved(warehouse, second) == [(2, third)]
    assert warehouse.execute(is_open, (source.source,)).fetchall() == []


def test_an_ordinary_row_resolves_the_whole_chain_that_led_to_its_key(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("", "丙")], DAY)
    path = run(source)
    assert path is not None
    second = resubmit(source, path, {("1", "编号"): "A1"})
    run(source)
    assert resolved(warehouse, first) == [(1, None)]
    assert resolved(warehouse, second) == [(1, None)]
    ordinary = deliver(source, [row("A1")], DAY)
    run(source)
    assert resolved(warehouse, second) == [(1, ordinary)]
    assert resolved(warehouse, first) == [(1, ordinary)]


def test_deleted_rows_are_withdrawn_and_added_rows_are_taken_as_they_are(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1", "丙"), row("A2", "丙"), row("A3", "丙")], DAY)
    path = run(source)
    assert path is not None
    cleared = {("1", heading): None for heading in ("编号", "名称", "日期")}
    again = resubmit(
        source, path, {**cleared, ("3", "名称"): "乙", ("2", "编号"): "B2", ("2", "名称"): "乙", ("2", "行号"): None}
    )
    run(source)
    assert status(warehouse, again) == ("loaded", 2, 2, 0, 0, 0)
    assert resolved(warehouse, first) == [(1, None), (2, None), (3, again)]
    assert withdrawn(warehouse, first) == [(1, again), (2, again), (3, None)]
    assert waiting(warehouse, source) == []
    later = deliver(source, [row("A1")], DAY)  # what was withdrawn is still put right by a good row
    run(source)
    assert resolved(warehouse, first) == [(1, later), (2, None), (3, again)]


def test_what_was_withdrawn_and_is_sent_again_after_all_waits_where_it_was_sent_last(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1", "丙"), row("A2", "丙"), row("A3", "丙")], DAY)
    path = run(source)
    assert path is not None
    gone = {(number, heading): None for number in "13" for heading in ("编号", "名称", "日期")}
    again = resubmit(source, path, gone)
    run(source)
    assert withdrawn(warehouse, first) == [(1, again), (2, None), (3, again)]
    assert waiting(warehouse, source) == [(again, 1, 0)]  # row 2 was left as it was
    once_more = resubmit(source, path, {("1", "名称"): "丁"})
    run(source)
    assert waiting(warehouse, source) == [(again, 1, 0), (once_more, 3, 0)]


def test_a_return_file_may_be_shorter_than_a_delivery_and_even_empty(
    source: Source, make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1", "丙"), row("A2", "丙")], DAY)
    path = run(source)
    assert path is not None
    gone = {(number, heading): None for number in "12" for heading in ("编号", "名称", "日期")}
    again = resubmit(source, path, gone)
    run(source)
    assert status(warehouse, again) == ("loaded", 0, 0, 0, 0, 0)
    assert withdrawn(warehouse, first) == [(1, again), (2, again)]
    assert waiting(warehouse, source) == []


def test_a_file_that_is_blocked_withdraws_nothing(
    source: Source, make_source: Make, rule: Callable[..., Any], deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1", "丙"), row("A2", "丙"), row("A3", "丙")], DAY)
    path = run(source)
    assert path is not None
    gone = {("1", heading): None for heading in ("编号", "名称", "日期")}
    strict = make_source(source.source, rules=[rule(9, "be_in_set", "block", column="name", value_set=["甲"])])
    again = resubmit(strict, path, gone)
    run(strict)
    assert status(warehouse, again) == ("blocked", 2, 0, 0, 0, 2)
    assert withdrawn(warehouse, first) == [(1, None), (2, None), (3, None)]
    assert waiting(warehouse, source) == [(first, 3, 0)]


def test_a_row_that_could_not_be_read_is_read_once_its_cells_are_filled(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    first = deliver(source, [row("A1", "甲\0"), row("A2", "乙\0")], DAY)
    path = run(source)
    assert path is not None
    again = resubmit(source, path, {("1", "编号"): "A1", ("1", "名称"): "甲", ("1", "日期"): "2026-03-01"})
    run(source)
    assert status(warehouse, again) == ("loaded", 2, 1, 1, 0, 0)
    assert resolved(warehouse, first) == [(1, again), (2, None)]
    raw = "select record from quality.quarantine where delivery_id = %s"
    assert warehouse.execute(raw, (again,)).fetchall() == [({"_raw": "A2,乙\\x00,2026-03-01"},)]


def test_all_sheets_are_read(
    source: Source, deliver: Deliver, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ROWS_PER_SHEET", 2)
    first = deliver(source, [row(f"A{number}", "丙") for number in range(5)], DAY)
    path = run(source)
    assert path is not None
    again = resubmit(source, path, {(str(number), "名称"): "甲" for number in range(1, 6)})
    run(source)
    assert resolved(warehouse, first) == [(number, again) for number in range(1, 6)]


def test_the_same_file_again_is_a_duplicate(source: Source, deliver: Deliver, warehouse: psycopg.Connection) -> None:
    deliver(source, [row("A1", "丙")], DAY)
    path = run(source)
    assert path is not None
    again = resubmit(source, path, {("1", "名称"): "甲"})
    run(source)
    (settings.inbox() / source.source / path.name).write_bytes(
        next((settings.store() / source.source).glob(f"{_sha256(warehouse, again)}.*")).read_bytes()
    )
    [twin] = collect(source, DAY)
    run(source)
    assert status(warehouse, twin) == ("duplicate", 1, 0, 0, 1, 0)


def _sha256(warehouse: psycopg.Connection, delivery_id: int) -> str:
    [found] = warehouse.execute("select sha256 from landing.delivery where delivery_id = %s", (delivery_id,)).fetchall()
    return str(found[0])


@pytest.mark.parametrize(
    ("name", "edits", "message"),
    [
        ("x.plain.return-999999999.xlsx", {}, "speaks of delivery 999999999, and there is none"),
        ("x.plain.return-{foreign}.xlsx", {}, "which is of again_foreign, not of"),
        ("x.other.return-{first}.xlsx", {}, "speaks of profile other"),
        ("x.plain.return-{other}.xlsx", {}, "批次号 in the file is {first}, and its name speaks of {other}"),
        ("x.plain.return-{first}.xlsx", {("1", "行号"): "7"}, "行号 7: delivery {first} has no such rejected row"),
        ("x.plain.return-{first}.xlsx", {("1", "行号"): "一"}, "行号 '一' is no row number"),
        ("x.plain.return-{first}.xlsx", {("行号", "编号"): "x"}, None),
    ],
    ids=["no delivery", "foreign source", "other profile", "other delivery", "no such row", "no number", "as it is"],
)
def test_a_file_that_does_not_fit_its_name_is_refused_with_the_reason(
    name: str, edits: Edits, message: str | None, source: Source, make_source: Make, deliver: Deliver,
    warehouse: psycopg.Connection,
) -> None:  # fmt: skip
    foreign_source = make_source("again_foreign")
    ids = {"foreign": deliver(foreign_source, [row("")], DAY)}
    run(foreign_source)
    ids |= {"other": deliver(source, [row("B1", "丙")], DAY)}
    run(source)
    ids |= {"first": deliver(source, [row("A1", "丙"), row("A2", "丁")], DAY)}
    path = run(source)
    assert path is not None
    delivery_id = resubmit(source, path, edits, name.format(**ids))
    run(source)
    assert status(warehouse, delivery_id) == (("blocked", 2, 0, 0, 0, 2) if message else ("loaded", 2, 0, 2, 0, 0))
    [(found,)] = warehouse.execute("select message from landing.delivery where delivery_id = %s", (delivery_id,))
    assert message is None or message.format(**ids) in found
    assert warehouse.execute(
        "select count(*) from landing.correction where delivery_id = %s", (delivery_id,)
    ).fetchone() == (0 if message else 2,)
