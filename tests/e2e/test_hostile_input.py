"""Hostile files end in a clear refusal or in quarantine, and a good delivery of the same source loads after them."""

import datetime as dt
import os
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

from hostile_files import CASES, CSV, GOOD, GOOD_XLSX, XLS, Hostile
from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due, parser_process
from market_regulation.landing.parser_process import Limits
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
HEADERS = {"编号": "code", "名称": "name", "日期": "seen_on"}
IN_XLS = {"编号": "code", "使用单位/名称": "name", "检验日期": "seen_on"}
RECORD = b'{"code": "A1", "name": "x", "seen_on": "2026-03-01"}'
GOOD_FILES = {"csv": GOOD.encode(), "xlsx": GOOD_XLSX, "xls": XLS, "ndjson": RECORD + b"\n"}
FORMATS = {str(hostile.format): hostile.format for hostile in CASES.values()}
Outcome = dict[str, Any]


def good_file(form: Mapping[str, Any]) -> bytes:
    if form["kind"] == "json":
        return b'{"rows": [' + RECORD + b"]}" if "records" in form else b"[" + RECORD + b"]"
    return GOOD_FILES[form["kind"]]


def deliver(source: Source, files: Mapping[str, bytes], warehouse: psycopg.Connection) -> dict[str, Outcome]:
    """Drop files, run the three steps over all of them in order, and return what the ledger says of each."""
    folder = settings.inbox() / source.source
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(files.values()):
        (folder / f"file{number:03}").write_bytes(data)
    collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    assert not list(folder.glob("file*"))
    cursor = warehouse.execute(
        "select d.status, d.received_rows, d.quarantined_rows, d.message,"
        " (select count(*) from landing.row_outcome as o where o.delivery_id = d.delivery_id"
        "  and o.outcome <> 'blocked') as landed"
        " from landing.delivery as d where d.source = %s order by d.uri",
        (source.source,),
    )
    names = [column.name for column in cursor.description or ()]
    outcomes = [dict(zip(names, row, strict=True)) for row in cursor]
    return dict(zip(files, outcomes, strict=True))


@pytest.fixture(scope="module")
def delivered() -> dict[str, dict[str, Outcome]]:
    """What became of the files of each format, once they were delivered."""
    return {}


@pytest.fixture
def outcome(
    delivered: dict[str, dict[str, Outcome]],
    make_source: Callable[..., Source],
    platform_home: Any,
    warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Mapping[str, Any], str], Outcome]:
    """Tell what became of a case, or of the good file behind all cases of its format."""
    monkeypatch.setattr(parser_process, "LIMITS", Limits(cpu_seconds=5))  # one of them may take what it can get

    def find(form: Mapping[str, Any], name: str) -> Outcome:
        if str(form) not in delivered:
            source = hostile_source(make_source, form, len(delivered))
            files = {case: h.make() for case, h in CASES.items() if h.format == form}
            delivered[str(form)] = deliver(source, {**files, "good": good_file(form)}, warehouse)
        return delivered[str(form)][name]

    return find


def hostile_source(make_source: Callable[..., Source], form: Mapping[str, Any], number: int) -> Source:
    profile = {"submitter": "tester", "format": dict(form), "headers": HEADERS}
    if form["kind"] == "xls":
        profile |= {"headers": IN_XLS, "ignore": ["*电话", "金额", "合格", "合计"]}
    return make_source(f"hostile_{number}", profiles={"plain": profile})


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_or_quarantined(case: str, outcome: Callable[..., Outcome]) -> None:
    hostile: Hostile = CASES[case]
    found = outcome(hostile.format, case)
    if hostile.says:
        assert (found["status"], found["landed"]) == ("blocked", 0)
        assert hostile.says in found["message"]
        assert len(found["message"]) < 3000
    else:
        assert (found["status"], found["quarantined_rows"]) == ("loaded", hostile.quarantined)
    if hostile.received is not None:
        assert found["received_rows"] == hostile.received


@pytest.mark.parametrize("form", FORMATS)
def test_a_good_delivery_loads_after_all_of_them(form: str, outcome: Callable[..., Outcome]) -> None:
    found = outcome(FORMATS[form], "good")
    assert (found["status"], found["quarantined_rows"]) == ("loaded", 0)
    assert found["landed"] == found["received_rows"] > 0


CLAIMS = ["999999999999", "101", "-1", "１", "1" * 5000]


@pytest.mark.parametrize("number", range(len(CLAIMS)), ids=["a bomb", "too many", "negative", "full width", "long"])
def test_a_return_file_that_claims_countless_sheets_is_refused(
    number: int, make_source: Callable[..., Source], platform_home: Any, warehouse: psycopg.Connection
) -> None:
    source = hostile_source(make_source, CSV, 990 + number)
    rejected = deliver(source, {"bad": f"{GOOD}A2\n".encode()}, warehouse)
    [path] = send_back(source)
    book = load_workbook(path)
    [claim] = [cells[1] for cells in book.worksheets[0].iter_rows() if cells[0].value == "工作表数"]
    claim.value = CLAIMS[number]
    book.save(settings.inbox() / source.source / path.name)
    book.close()
    collect(source, DAY)
    land_due(source, DAY)
    found = warehouse.execute(
        "select status, received_rows, message from landing.delivery where source = %s order by delivery_id desc",
        (source.source,),
    ).fetchone()
    assert rejected["bad"]["quarantined_rows"] == 1
    assert found is not None
    assert found[:2] == ("blocked", 0)
    assert "工作表数" in found[2]
    assert len(found[2]) < 200


def test_directories_and_pipes_with_the_name_of_a_file_stay_where_they_are(
    make_source: Callable[..., Source], platform_home: Any, warehouse: psycopg.Connection
) -> None:
    source = hostile_source(make_source, CSV, 999)
    folder = settings.inbox() / source.source
    (folder / "folder.csv").mkdir(parents=True)
    os.mkfifo(folder / "pipe.csv")
    assert deliver(source, {"good": GOOD.encode()}, warehouse)["good"]["status"] == "loaded"
    assert sorted(path.name for path in folder.iterdir()) == ["folder.csv", "pipe.csv"]
