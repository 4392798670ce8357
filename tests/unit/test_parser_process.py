"""Parsers run as processes of their own: light, without secrets, under limits, and never longer than they are read."""

import gzip
import io
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import psutil
import pytest

from hostile_files import (
    A_HEADING,
    EMPTY_ROWS,
    GOOD,
    GOOD_XLSX,
    XLS,
    XLS_FORMAT,
    spoilt,
    with_rows,
    with_shared_texts,
    xls,
    zipped,
)
from market_regulation.landing import parser_process
from market_regulation.landing.json_reading import sheet_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.parser_process import MB, Limits, parsed
from market_regulation.landing.records import UnreadableFileError
from market_regulation.parsers.process import GivenUpError
from market_regulation.parsers.safe_xml import elements
from market_regulation.sources.profile import CsvFormat, SheetFormat

CSV = CsvFormat(kind="csv")
XLSX = SheetFormat(kind="xlsx")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def limit(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    monkeypatch.setattr(parser_process, "LIMITS", Limits(**limits))


def read_workbook(file: Path, form: SheetFormat = XLSX) -> int:
    with open_text(file, form) as lines:
        return sum(1 for _ in sheet_records(lines))


def test_no_parser_imports_the_platform_or_anything_heavy() -> None:
    modules = "unpack, nested_json, workbook, xlsx, xls"
    script = f"import sys; from market_regulation.parsers import {modules}; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.split()
    assert not {"airflow", "great_expectations", "pandas", "psycopg", "pydantic", "sqlalchemy"} & set(loaded)
    ours = {name for name in loaded if name.startswith("market_regulation.")}
    assert all(name.startswith("market_regulation.parsers") for name in ours)


def parsers() -> list[psutil.Process]:
    """The parser processes of this test run, which may have other children."""
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "market_regulation.parsers" in " ".join(child.cmdline())
    ]


def test_a_parser_is_given_no_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_OWNER_URI", "postgresql://owner:canary@localhost/warehouse")
    file.write_bytes(zipped(("a.csv", b"x" * 40 * MB)))
    with parsed("unpack", file) as output:
        output.read(1)
        [child] = parsers()
        assert "canary" not in str(child.environ()) + str(child.cmdline())


def test_a_parser_ends_when_its_reader_stops(file: Path) -> None:
    file.write_bytes(gzip.compress(b"a,b\n" * MB))
    with open_text(file, CSV) as lines:
        assert lines.readline() == "a,b\n"
    assert not parsers()


def test_a_parser_is_killed_when_its_reader_fails(file: Path) -> None:
    os.mkfifo(file)  # the parser waits for somebody to write into it
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError), parsed("workbook", file):
        raise ZeroDivisionError
    assert time.monotonic() - start < 20
    assert not parsers()


@pytest.mark.parametrize(
    ("offset", "says"),
    [(1874, r"stopped the parser \(SIGABRT\)"), (1570, "PanicException"), (2145, "cannot be read")],
)
def test_a_crafted_workbook_ends_its_parser_and_not_us(
    offset: int, says: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, cpu_seconds=1)
    file.write_bytes(spoilt(XLS, offset))
    with pytest.raises(UnreadableFileError, match=says):
        read_workbook(file, SheetFormat.model_validate(XLS_FORMAT))


def test_a_parser_that_hangs_without_using_any_time_is_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, cpu_seconds=1)
    os.mkfifo(file)  # nobody ever writes into it
    with pytest.raises(UnreadableFileError, match="nothing came out of it for 2 s"):
        read_workbook(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb2312", "cp037", "iso-8859-1"])
@pytest.mark.parametrize("before", ["", " " * 20_000, f"<!--{'<a/>' * 5_000}-->", "<?a <b?>", f"<?a {'x' * 40_000}?>"])
def test_no_document_that_declares_a_type_reaches_the_c_parser(
    encoding: str, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{before}'
    with monkeypatch.context() as patch:
        patch.setattr("xml.etree.ElementTree.iterparse", lambda *_: pytest.fail("it does"))
        for doctype in ("<!DOCTYPE a>", "<!DOCTYPE\na [<!ENTITY x 'y'>]>", "<!DOCTYPE a SYSTEM 'b'>"):
            with pytest.raises((GivenUpError, ValueError, ExpatError)):  # not every encoding can be read
                list(elements(io.BytesIO(f"{head}{doctype}<a>&x;</a>".encode(encoding)), "a", "b"))
    for broken in ("<a><!DOCTYPE a [<!ENTITY x 'y'>]>&x;</a>", "<a>&x;</a>", "<a/><!DOCTYPE a>"):
        with pytest.raises((ParseError, ValueError, ExpatError)):
            list(elements(io.BytesIO(f"{head}{broken}".encode(encoding)), "a", "b"))


def test_elements_are_let_go_once_they_were_taken() -> None:
    xml = io.BytesIO(b"<a><b>1</b><c>2</c><b>3</b></a>")
    found = [(element.tag, element.text, len(element)) for _, element in elements(xml, "a", "b")]
    assert found == [("b", "1", 0), ("c", "2", 0), ("b", "3", 0), ("a", None, 0)]


def test_more_memory_than_allowed_is_not_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, memory=80 * MB)
    file.write_bytes(with_rows(b"<row>" + b"<c/>" * 500_000 + b"</row>"))
    with pytest.raises(UnreadableFileError, match="it needs more than 80 MB of memory"):
        read_workbook(file)


def test_more_shared_texts_than_fit_into_the_memory_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, memory=80 * MB)
    texts = "".join(f"<si><t>{n}{'某' * 100}</t></si>" for n in range(200_000))
    file.write_bytes(with_shared_texts(texts.encode(), A_HEADING))
    with pytest.raises(UnreadableFileError, match="it needs more than 80 MB of memory; deliver it in parts"):
        read_workbook(file)


def test_more_processor_time_than_allowed_is_not_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, cpu_seconds=1, cpu_seconds_per_mb=0, silence=60)
    file.write_bytes(with_rows(EMPTY_ROWS * 20))
    with pytest.raises(UnreadableFileError, match="it takes more than 1 s of processor time"):
        read_workbook(file)


def test_what_comes_out_is_limited_absolutely_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, output=MB)
    file.write_bytes(gzip.compress(GOOD.encode() * 40_000))
    with pytest.raises(UnreadableFileError, match="more than 1048576 bytes come out"), open_text(file, CSV) as lines:
        for _ in lines:
            pass


def test_a_parser_starts_in_no_time(file: Path) -> None:
    file.write_bytes(GOOD_XLSX)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    assert read_workbook(file) == 2
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0
    assert time.monotonic() - start < 10


MEASURE = """
import sys
from pathlib import Path
import psutil
from market_regulation.landing.csv_reading import csv_records
from market_regulation.landing.json_reading import json_records, sheet_records
from market_regulation.landing.opening import open_text
from market_regulation.sources.profile import CsvFormat, JsonFormat, NdjsonFormat, SheetFormat
forms = {
    "csv": (CsvFormat(kind="csv", encoding="auto"), lambda file: csv_records(file, form)),
    "json": (JsonFormat(kind="json"), json_records),
    "ndjson": (NdjsonFormat(kind="ndjson"), json_records),
    "xlsx": (SheetFormat(kind="xlsx"), sheet_records),
    "xls": (SheetFormat(kind="xls"), sheet_records),
}
form, records = forms[sys.argv[1]]
def peak(pid):  # of this program alone; getrusage counts what was forked before it began
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) if "VmHWM:" in status else 0
for name in sys.argv[2:]:
    with open_text(Path(name), form) as file:
        [child] = psutil.Process().children()
        parser = 0
        for rows, _ in enumerate(records(file)):
            if rows % 500 == 0:
                parser = max(parser, peak(child.pid))
    print(rows + 1, parser, peak("self"))
"""
NAME = "某某市某某有限公司"
GROWTH = 1_500  # kB
RECORD = json.dumps({"code": "A1", "name": NAME * 4, "seen_on": None, "items": [1, {"a": 2.5}]}).encode()
XML_ROW = f'<row><c><v>1.5</v></c><c t="inlineStr"><is><t>{NAME * 4}</t></is></c></row>'.encode()


def packed(kind: str, rows: int) -> bytes:
    match kind:
        case "xls":
            return zipped(("a.xls", xls([f"A{n}", NAME, "2026-03-01", n * 1.5] for n in range(rows))))
        case "xlsx":
            return with_rows(XML_ROW * rows)
        case "csv":
            return gzip.compress(f"{NAME * 8},{NAME},2026-03-01\n".encode("gb18030") * rows, 1)
        case "json":
            return gzip.compress(b"[" + b",".join([RECORD] * rows) + b"]", 1)
        case _:
            return gzip.compress(b"\n".join([RECORD] * rows), 1)


def peaks(kind: str, folder: Path, *rows: int) -> list[tuple[int, int]]:
    """Return the peak memory (kB) of parser and reader after each of the files, of growing numbers of rows."""
    files = [folder / str(count) for count in rows]
    for file, count in zip(files, rows, strict=True):
        file.write_bytes(packed(kind, count))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", MEASURE, kind, *map(str, files)]
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    lines = [tuple(map(int, line.split())) for line in found.stdout.splitlines()]
    assert [count for count, *_ in lines] == list(rows)
    return [(parser, reader) for _, parser, reader in lines]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [("csv", 60_000), ("json", 8_000), ("ndjson", 8_000), ("xlsx", 8_000)],
)
def test_five_times_the_rows_need_no_more_memory(kind: str, rows: int, tmp_path: Path) -> None:
    """Not even 50 bytes a row, which is less than an object of Python's; every file is longer than any buffer.

    The first file warms the allocator up: its arenas grow by up to 3,000 kB over one file, whatever its length.
    """
    _, (parser, reader), (parser_then, reader_then) = peaks(kind, tmp_path, rows - 1, rows, 5 * rows)
    assert parser_then - parser < GROWTH
    assert reader_then - reader < GROWTH


def test_the_longest_sheet_that_xls_can_hold_needs_little_memory(tmp_path: Path) -> None:
    """The parser holds the sheet, which ends at 65,536 rows; its reader holds nothing."""
    (_, reader), (parser_then, reader_then) = peaks("xls", tmp_path, 8_000, 65_536)
    assert parser_then < 100_000
    assert reader_then - reader < 1_500
