"""Files become rows: whatever can be read is read, whatever cannot keeps its text, and no row is lost."""

import codecs
import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from market_regulation.landing.copying import copy_blocks, copy_delimiter
from market_regulation.landing.csv_reading import LONGEST_LINE, csv_records
from market_regulation.landing.json_reading import json_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.reading import DriftError, count_rows, read_rows
from market_regulation.landing.records import Unreadable, UnreadableFileError, is_storable
from market_regulation.landing.tables import one_by_one
from market_regulation.parsers.container import file_type
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import CsvFormat, NdjsonFormat

UTF8 = CsvFormat(kind="csv")
NDJSON = NdjsonFormat(kind="ndjson")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), max_size=12)


def records(data: bytes, tmp_path: Path, form: CsvFormat = UTF8) -> list[list[str] | Unreadable]:
    file = tmp_path / "file.csv"
    file.write_bytes(data)
    with open_text(file, form) as text:
        return list(csv_records(text, form))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32", "utf-32-be", "big5"])
def test_text_in_the_declared_encoding_is_read_as_written(encoding: str, tmp_path: Path) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    data = "編號,名稱\r\n1,電梯\r\n".encode(encoding)
    form = CsvFormat(kind="csv", encoding=declared)
    assert records(data, tmp_path, form) == [["編號", "名稱"], ["1", "電梯"]]


@pytest.mark.parametrize(("declared", "mark"), [("utf-16", "utf-32"), ("utf-32", "utf-16")])
def test_the_byte_order_mark_of_another_encoding_is_named(declared: str, mark: str, tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableFileError, match=f"byte order mark of {mark} and the profile says encoding {declared}"
    ):
        records("编号\n1\n".encode(mark), tmp_path, CsvFormat(kind="csv", encoding=declared))


def test_four_byte_gb18030_characters_survive(tmp_path: Path) -> None:
    form = CsvFormat(kind="csv", encoding="gb18030")
    assert records("𠮷𡈁,䶮\n".encode("gb18030"), tmp_path, form) == [["𠮷𡈁", "䶮"]]


@pytest.mark.parametrize(
    ("broken", "shown"),
    [
        (b"a,\xff\xfe", "a,\\xff\\xfe"),
        (b"a,\xe4\xb8", "a,\\xe4\\xb8"),
        (b"a,\x00b", "a,\\x00b"),
        ("a,\ufffd".encode(), "a,\\ufffd"),
        (b'"a"b,c', '"a"b,c'),
    ],
)
def test_a_row_that_cannot_be_kept_shows_its_text_and_its_neighbours_stand(
    broken: bytes, shown: str, tmp_path: Path
) -> None:
    assert records(b"1,2\n" + broken + b"\n3,4\n", tmp_path) == [["1", "2"], Unreadable(shown), ["3", "4"]]


def test_an_open_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    data = b'1,2\n"open,3\n4,5\n6,7\n'
    assert records(data, tmp_path) == [["1", "2"], Unreadable('"open,3'), ["4", "5"], ["6", "7"]]


def test_quoted_line_breaks_belong_to_the_field_and_empty_lines_are_no_rows(tmp_path: Path) -> None:
    assert records(b'1,"a\nb"\n\n\r\n2,"c ""d"""\n', tmp_path) == [["1", "a\nb"], ["2", 'c "d"']]


def test_a_gigantic_line_is_cut_and_unreadable(tmp_path: Path) -> None:
    first, long, last = records(b"1,2\n3," + b"x" * (3 * LONGEST_LINE) + b"\n4,5\n", tmp_path)
    assert (first, last) == (["1", "2"], ["4", "5"])
    assert isinstance(long, Unreadable)
    assert len(long.text) < 20_000


@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=st.lists(st.lists(TEXT, min_size=2, max_size=4), max_size=8),
    delimiter=st.sampled_from(",;|\t"),
    unix=st.booleans(),
)
def test_what_a_csv_writer_wrote_is_read_back(
    table: list[list[str]], delimiter: str, unix: bool, tmp_path: Path
) -> None:
    text = io.StringIO()
    end = "\n" if unix else "\r\n"
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(table)
    form = CsvFormat(kind="csv", delimiter=delimiter)
    assert records(text.getvalue().encode(), tmp_path, form) == [row for row in table if row]


@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=200))
def test_any_bytes_give_rows_that_can_be_kept(data: bytes, tmp_path: Path) -> None:
    assume(file_type(data) is None and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)))
    for record in records(data, tmp_path):
        texts = [record.text] if isinstance(record, Unreadable) else record
        assert all(is_storable(text) for text in texts)


def test_json_keeps_numbers_as_written_nested_values_compact_and_null_apart(tmp_path: Path) -> None:
    file = tmp_path / "file.ndjson"
    file.write_text('{"a": 1.10, "b": [{"x": 1e3, "y": "限量"}], "c": null, "d": "", "e": true}\n[1]\n{"a"\n')
    with open_text(file, NDJSON) as text:
        good, *bad = json_records(text)
    assert good == {"a": "1.10", "b": '[{"x":1e3,"y":"限量"}]', "c": None, "d": "", "e": "true"}
    assert bad == [Unreadable("[1]"), Unreadable('{"a"')]


def test_null_in_place_of_an_opened_object_says_nothing_of_its_members(
    make_source: Callable[..., Source], tmp_path: Path
) -> None:
    headers = {"sample.no": "code", "sample.by.name": "name", "d": "seen_on"}
    profile = {"submitter": "t", "format": {"kind": "ndjson"}, "headers": headers}
    source = make_source("test_null_parent", profiles={"plain": profile})
    file = tmp_path / "file.ndjson"
    file.write_text(
        '{"sample": null, "d": "1"}\n{"sample": {"no": "A", "by": {"name": "x"}}, "d": "2"}\n'
        '{"sample": {"no": "B", "by": null}, "d": null}\n{"sample": {"no": null, "by": {}}, "d": "4"}\n'
    )
    assert list(read_rows(file, source, "plain").rows) == [
        (None, None, "1"), ("A", "x", "2"), ("B", None, None), (None, None, "4"),
    ]  # fmt: skip
    file.write_text('{"sample": "A", "d": "1"}\n')
    with pytest.raises(DriftError, match="unknown headings 'sample'"):
        list(read_rows(file, source, "plain").rows)


def test_json_text_with_nul_or_a_lone_surrogate_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "file.ndjson"
    file.write_text(json.dumps({"a": "x\0y"}) + "\n" + json.dumps({"a": "\ud800"}) + "\n")
    with open_text(file, NDJSON) as text:
        records = list(json_records(text))
    assert records == [Unreadable('{"a": "x\\u0000y"}'), Unreadable('{"a": "\\ud800"}')]


def opened(source: Source, text: str, tmp_path: Path) -> tuple[list[str], list[Any]]:
    file = tmp_path / "file.csv"
    file.write_text(text)
    rows = read_rows(file, source, next(iter(source.profiles)))
    return rows.columns, [row if isinstance(row, Unreadable) else tuple(row) for row in one_by_one(rows.rows)]


def test_cells_follow_their_headings_in_any_order(make_source: Callable[..., Source], tmp_path: Path) -> None:
    columns, rows = opened(make_source("test_rows"), "日期,编号, 名称\n2026-03-16,7,甲\n1,2\n", tmp_path)
    assert columns == ["seen_on", "code", "name"]
    assert rows == [("2026-03-16", "7", "甲"), Unreadable("1,2")]


@pytest.mark.parametrize(
    ("headings", "named"),
    [
        ("编号,名称,日期,备注", "备注"),
        ("编号,日期", "name (名称)"),
        ("编号,名称,日期,名称", "name"),
        ("编号,名称,日期,code", "code"),
        ("", "heading row"),
    ],
)
def test_drift_of_the_headings_is_refused_by_name(
    headings: str, named: str, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    with pytest.raises(DriftError) as refused:
        opened(make_source("test_rows"), f"{headings}\n1,2,3,4\n", tmp_path)
    assert named in str(refused.value) or not headings
    assert "plain" in str(refused.value)


def test_the_heading_row_may_stand_below_a_title(make_source: Callable[..., Source], tmp_path: Path) -> None:
    profile = {
        "submitter": "t",
        "format": {"kind": "csv", "header_row": 2},
        "headers": {"编号": "code", "名称": "name"},
        "ignore": ["序号"],
        "constants": {"seen_on": "2026-01-01"},
    }
    source = make_source("test_rows", profiles={"plain": profile})
    text = "检验结果一览表\n序号,编号,名称\n1,7,甲\n"
    assert opened(source, text, tmp_path) == (["code", "name"], [("7", "甲")])
    assert count_rows(tmp_path / "file.csv", source, "plain") == 1


def test_copy_text_numbers_all_rows_and_keeps_null_and_special_characters(
    make_source: Callable[..., Source], tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    file.write_text('编号,名称,日期\n1,"a\tb\\c\nd",\n2,3\n')
    rows = read_rows(file, make_source("test_rows"), "plain")
    [(block, sent)] = copy_blocks(rows, dt.date(2026, 3, 16), 5)
    assert (sent, copy_delimiter(rows)) == (2, ",")
    assert block.decode() == "2026-03-16,5,1,\\N,1,a\tb\\\\c\\nd,\n2026-03-16,5,2,2\\,3,\\N,\\N,\\N\n"


MEANT = {"n": "\n", "t": "\t", "r": "\r"}


def copied(block: str, delimiter: str) -> list[list[str | None]]:
    """Read COPY text as PostgreSQL documents it: a backslash gives the next character its meaning, N alone is null."""
    rows = []
    for line in block.split("\n")[:-1]:
        cells = re.findall(rf"((?:\\.|[^\\{delimiter}])*){re.escape(delimiter)}", line + delimiter)
        rows.append([None if cell == "\\N" else re.sub(r"\\(.)", _meant, cell) for cell in cells])
    return rows


def _meant(escape: re.Match[str]) -> str:
    return MEANT.get(escape[1], escape[1])


@given(
    cells=st.lists(st.text(alphabet="aN1甲\\,;|\t\"'", max_size=4), min_size=2, max_size=12),
    delimiter=st.sampled_from(list("\t,;|")),
    calm=st.integers(0, 400),
    quoted=st.booleans(),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_copy_text_says_what_the_file_says(
    make_source: Callable[..., Source], tmp_path: Path, cells: list[str], delimiter: str, calm: int, quoted: bool
) -> None:
    """Lines taken as they are, lines taken apart, quoted records: whatever the delimiter, no cell changes."""
    texts = [["A1", cell, "2026-03-01"] for cell in cells] + [["A2", "乙", ""]] * calm
    texts = [row for row in texts if quoted or not set(row[1]) & {delimiter, '"'}]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerows([["编号", "名称", "日期"], *texts])
    file = tmp_path / "file.csv"
    file.write_text(written.getvalue(), encoding="utf-8", newline="")
    form = {"kind": "csv", "delimiter": delimiter}
    profile = {"submitter": "t", "headers": {"编号": "code", "名称": "name", "日期": "seen_on"}, "format": form}
    rows = read_rows(file, make_source("test_rows", profiles={"plain": profile}), "plain")
    blocks = list(copy_blocks(rows, dt.date(2026, 3, 16), 5))
    found = copied("".join(block.decode() for block, _ in blocks), copy_delimiter(rows))
    assert found == [["2026-03-16", "5", str(no), None, *row] for no, row in enumerate(texts, start=1)]
