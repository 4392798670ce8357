"""Whatever a file is written in and packed into, its rows come out as they were put in."""

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_files import A_HEADING, with_rows, xls
from market_regulation.landing.headings import DriftError
from market_regulation.landing.reading import UnreadableFileError, count_rows, read_rows
from market_regulation.landing.records import Unreadable
from market_regulation.landing.tables import one_by_one
from market_regulation.sources.contract import Source

MakeSource = Callable[..., Source]
FIXTURES = Path(__file__).parents[1] / "fixtures"
HEADERS = {"编号": "code", "名称": "name", "日期": "seen_on"}
TEXT = "编号,名称,日期\nA1,甲,2026-03-01\n"
ROW = ("A1", "甲", "2026-03-01")
AUTO = {"kind": "csv", "encoding": "auto"}
# Excel holds no control characters and no lone CR; _x41_ is its own way to write such a character.
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\ufffe\uffff_"), max_size=9)
TABLES = st.lists(st.tuples(CELL.filter(str.strip), CELL, CELL), min_size=1, max_size=30)
FEW = settings(
    max_examples=8, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def read(make_source: MakeSource, tmp_path: Path) -> Callable[..., list[Any]]:
    """Read bytes under a format as rows of code, name and seen_on; as many are counted as are read."""

    def rows(data: bytes, form: dict[str, Any], **profile: Any) -> list[Any]:
        source = make_source(
            "test_formats", profiles={"plain": {"submitter": "t", "headers": HEADERS, "format": form, **profile}}
        )
        file = tmp_path / "file"
        file.write_bytes(data)
        opened = read_rows(file, source, "plain")
        order = [opened.columns.index(column) for column in ("code", "name", "seen_on")]
        found = [
            row if isinstance(row, Unreadable) else tuple(row[i] for i in order) for row in one_by_one(opened.rows)
        ]
        assert count_rows(file, source, "plain") == len(found)
        return found

    return rows


def workbook(*rows: list[Any], sheet: str = "Sheet1", others: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = sheet
    for name, table in {sheet: list(rows), **(others or {})}.items():
        page = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in table:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


HEADING = list(HEADERS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encoding_is_detected(encoding: str, read: Callable[..., list[Any]]) -> None:
    assert read(TEXT.encode(encoding), AUTO) == [ROW]


@pytest.mark.parametrize("encoding", ["gbk", "GBK", "gb2312"])
def test_gbk_may_be_declared_by_its_name(encoding: str, read: Callable[..., list[Any]]) -> None:
    assert read(TEXT.encode("gbk"), {"kind": "csv", "encoding": encoding}) == [ROW]
    assert read(gzip.compress(TEXT.encode("gbk")), {"kind": "csv", "encoding": encoding}) == [ROW]


def test_what_comes_late_in_the_file_counts_for_its_encoding(read: Callable[..., list[Any]]) -> None:
    ascii_rows = "".join(f"A{n},x,2026-03-01\n" for n in range(10_000))
    data = ("code,name,seen_on\n" + ascii_rows + "B1,甲,2026-03-01\n").encode("gb18030")
    assert read(data, AUTO)[-1] == ("B1", "甲", "2026-03-01")


def test_a_few_broken_bytes_make_no_other_encoding(read: Callable[..., list[Any]]) -> None:
    data = TEXT.encode() + b"A2,\xff,2026-03-01\n" + "A3,特种设备安全监察,2026-03-01\n".encode() * 3
    rows = read(data, AUTO)
    assert rows[1] == Unreadable("A2,\\xff,2026-03-01")
    assert [row[1] for row in rows[2:]] == ["特种设备安全监察"] * 3


def test_a_mark_that_contradicts_the_profile_is_refused_with_both(read: Callable[..., list[Any]]) -> None:
    with pytest.raises(UnreadableFileError, match="mark of utf-8 and the profile says encoding gb18030"):
        read(TEXT.encode("utf-8-sig"), {"kind": "csv", "encoding": "gb18030"})


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("编号\t名称\t日期\nA1\t甲\t2026-03-01\n", {"delimiter": "\t"}),
        ("编号|名称|日期\n'A1'|'甲'|2026-03-01\n", {"delimiter": "|", "quote": "'"}),
        ("一览表\n\n编号,名称,日期\nA1,甲,2026-03-01\n", {"header_row": "auto"}),
        ("编号,名称,日期,,\nA1,甲,2026-03-01,,\n", {}),
    ],
)
def test_delimiter_quote_and_heading_row_are_the_profiles(
    text: str, form: dict[str, Any], read: Callable[..., list[Any]]
) -> None:
    assert read(text.encode(), {"kind": "csv", **form}) == [ROW]


def test_without_quoting_a_quote_is_a_character(read: Callable[..., list[Any]]) -> None:
    data = '编号,名称,日期\nA1,"甲,2026-03-01\n'.encode()
    assert read(data, {"kind": "csv", "quote": None}) == [("A1", '"甲', "2026-03-01")]


def test_a_cell_under_no_heading_makes_its_row_unreadable(read: Callable[..., list[Any]]) -> None:
    data = "编号,名称,日期,\nA1,甲,2026-03-01,\nA2,乙,2026-03-01,x\n".encode()
    assert read(data, {"kind": "csv"}) == [ROW, Unreadable("A2,乙,2026-03-01,x")]


def test_cells_of_a_workbook_are_read_as_they_are_seen(read: Callable[..., list[Any]]) -> None:
    data = workbook(
        HEADING,
        [7, 1.5, dt.date(2026, 3, 5)],
        [7.0, 0.1, dt.datetime(2026, 3, 5, 13, 0)],  # noqa: DTZ001, Excel knows no zones
        ["007", True, 46086],
        ["八", "#N/A", dt.time(9, 30)],
        [123456789012345, "a\nb", " x "],
    )
    assert read(data, {"kind": "xlsx"}) == [
        ("7", "1.5", "2026-03-05"),
        ("7", "0.1", "2026-03-05 13:00:00"),
        ("007", "TRUE", "46086"),
        ("八", "#N/A", "09:30:00"),
        ("123456789012345", "a\nb", " x "),
    ]


NUMBERS = {
    "3.3000000000000003": "3.3",
    "0.30000000000000004": "0.3",
    "0.1": "0.1",
    "1234.5": "1234.5",
    "1234.56": "1234.56",
    "100.0": "100",
    "2.9999999999999996": "3",
    "-0.0": "0",
    "1E-07": "0.0000001",
    "-2.5000000000000001E-05": "-0.000025",
    "99999999999.990005": "99999999999.99",
    "123456789012345": "123456789012345",
    "999999999999999": "999999999999999",
    "1.23456789012345E14": "123456789012345",
    "1234567890123456": "1.23456789012346e+15",
    "110101199001011234": "1.10101199001011e+17",
    "1.10101199001011E+17": "1.10101199001011e+17",
    "10000000000000000001": "1e+19",
}


def test_a_number_has_the_fifteen_digits_that_excel_shows(read: Callable[..., list[Any]]) -> None:
    rows = "".join(f"<row><c><v>{stored}</v></c><c><f>1.1*3</f><v>{stored}</v></c></row>" for stored in NUMBERS)
    found = read(with_rows(A_HEADING + rows.encode()), {"kind": "xlsx"})
    assert found == [(shown, shown, "") for shown in NUMBERS.values()]


def test_a_formula_is_the_value_last_stored(read: Callable[..., list[Any]]) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(HEADING, ["A1", "=1+1", "x"]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")
    assert read(zipped(parts), {"kind": "xlsx"}) == [("A1", "2", "x")]


ADVICE = "（公式没有存储计算结果，请在 Excel 中打开、重新计算并保存后再报送）"


def cells(*contents: str) -> bytes:
    """Return a row of cells as XML."""
    return f"<row>{''.join(contents)}</row>".encode()


def test_a_row_with_a_formula_that_was_never_calculated_is_unreadable_and_shown(
    read: Callable[..., list[Any]],
) -> None:
    rows = [
        cells("<c><v>1</v></c>", "<c><f>1.1*3</f></c>", "<c><v>9</v></c>"),
        cells("<c><v>2</v></c>", "<c><f>1.1*3</f><v></v></c>", "<c><v>9</v></c>"),
        cells("<c><v>3</v></c>", '<c><f t="shared" si="0"/><v/></c>', "<c><v>9</v></c>"),
        cells("<c><f>1+1</f></c>"),
        cells('<c t="str"><f>"a"</f></c>', "<c><v>9</v></c>"),
        cells("<c><v>4</v></c>", "<c><f>1.1*3</f><v>3.3</v></c>", "<c><v>9</v></c>"),
    ]
    assert read(with_rows(A_HEADING + b"".join(rows)), {"kind": "xlsx"}) == [
        Unreadable(f"1\t=1.1*3\t9\t{ADVICE}"),
        Unreadable(f"2\t=1.1*3\t9\t{ADVICE}"),
        Unreadable(f"3\t=…\t9\t{ADVICE}"),
        Unreadable(f"=1+1\t{ADVICE}"),
        Unreadable(f'="a"\t9\t{ADVICE}'),
        ("4", "3.3", "9"),
    ]


def test_what_openpyxl_writes_for_a_formula_was_never_calculated(read: Callable[..., list[Any]]) -> None:
    found = read(workbook(HEADING, ["A1", "=1+1", "x"], list(ROW)), {"kind": "xlsx"})
    assert found == [Unreadable(f"A1\t=1+1\tx\t{ADVICE}"), ROW]


def test_a_formula_whose_result_is_the_empty_text_is_an_empty_cell(read: Callable[..., list[Any]]) -> None:
    row = cells("<c><v>1</v></c>", '<c t="str"><f>""</f><v></v></c>', "<c><f/><v></v></c>")
    assert read(with_rows(A_HEADING + row), {"kind": "xlsx"}) == [("1", "", "")]


def test_formulas_above_and_below_the_table_need_no_result(read: Callable[..., list[Any]]) -> None:
    data = workbook(["=TODAY()"], HEADING, list(ROW), ["合计", "=COUNTA(A3:A3)"])
    assert read(data, {"kind": "xlsx", "header_row": 2, "footer": "^合计"}) == [ROW]
    assert read(data, {"kind": "xlsx", "header_row": "auto", "footer": "^合计"}) == [ROW]


@pytest.mark.parametrize("kind", ["array", "dataTable"])
def test_a_formula_over_several_cells_that_was_never_calculated_refuses_the_file(
    kind: str, read: Callable[..., list[Any]]
) -> None:
    def sheet(last: str, result: str) -> bytes:
        formula = f'<c r="B2"><f t="{kind}" ref="B2:{last}">A2:A3*2</f>{result}</c>'
        return with_rows(A_HEADING + cells("<c><v>1</v></c>", formula) + cells("<c><v>2</v></c>"))

    with pytest.raises(UnreadableFileError, match="over the cells B2:B3 has no stored results; open the file in Excel"):
        read(sheet("B3", ""), {"kind": "xlsx"})
    assert read(sheet("B3", "<v>2</v>"), {"kind": "xlsx"}) == [("1", "2", ""), ("2", "", "")]
    assert read(sheet("B2", ""), {"kind": "xlsx"}) == [Unreadable(f"1\t=A2:A3*2\t{ADVICE}"), ("2", "", "")]


def test_titles_merged_headings_empty_rows_and_footnotes_are_no_rows(read: Callable[..., list[Any]]) -> None:
    data = workbook(
        ["2026年第一季度监督抽查结果", None, None, None],
        [None],
        ["编号", "单位", None, "日期"],
        [None, "名称", "电话", None],
        ["A1", "甲", "1", "2026-03-01"],
        [None, " "],
        ["A2", None, None, "2026-03-01"],
        ["注：以上结果仅对样品负责"],
        [None, "制表人：", "某某"],
    )
    form = {"kind": "xlsx", "header_row": 3, "header_rows": 2, "footer": "^注[:：]"}
    headers = {"编号": "code", "单位/名称": "name", "日期": "seen_on"}
    expected = [ROW, ("A2", "", "2026-03-01")]
    assert read(data, form, headers=headers, ignore=["单位/电话"]) == expected
    assert read(data, {**form, "header_row": "auto"}, headers=headers, ignore=["*电话"]) == expected


def test_a_heading_merged_downwards_spans_no_other_column(read: Callable[..., list[Any]]) -> None:
    data = workbook(["编号", None, "日期"], [None, "名称", None], list(ROW))
    assert read(data, {"kind": "xlsx", "header_rows": 2}) == [ROW]


def test_a_full_row_behind_the_footer_refuses_the_delivery(read: Callable[..., list[Any]]) -> None:
    wide = [*HEADING, *"abcde"]
    data = workbook(wide, ["注射器", *"1234567"], ["A2", *"1234567"])
    with pytest.raises(UnreadableFileError, match="a full row stands 1 rows behind '注射器'"):
        read(data, {"kind": "xlsx", "footer": "^注"}, ignore=list("abcde"))


def test_characters_that_excel_writes_as_escapes_are_read_as_themselves(read: Callable[..., list[Any]]) -> None:
    data = workbook(HEADING, ["A1", "甲_x000D_\n乙", "x"], ["A2", "_x0000_", "x"], ["A3", "_xD800_", "x"])
    first, second, third = read(data, {"kind": "xlsx"})
    assert first == ("A1", "甲\r\n乙", "x")
    assert second == Unreadable("A2\t\\x00\tx")
    assert third == Unreadable("A3\t\\ud800\tx")


def test_many_sparse_rows_are_no_footnotes(read: Callable[..., list[Any]]) -> None:
    found = read(workbook(HEADING, list(ROW), *([f"A{n}"] for n in range(150))), {"kind": "xlsx", "min_cells": 2})
    assert len(found) == 151


def test_sparse_rows_are_footnotes_only_at_the_end(read: Callable[..., list[Any]]) -> None:
    data = workbook(HEADING, ["A1"], ["A2", "乙", "x"], ["备注一"], ["备注二", "y"])
    found = read(data, {"kind": "xlsx", "min_cells": 3})
    assert found == [("A1", "", ""), ("A2", "乙", "x")]


def test_cells_beyond_the_headings_make_a_sheets_row_unreadable(read: Callable[..., list[Any]]) -> None:
    data = workbook(HEADING, ["A1", "甲", "2026-03-01", "more"], list(ROW))
    assert read(data, {"kind": "xlsx"}) == [Unreadable("A1\t甲\t2026-03-01\tmore"), ROW]


def test_the_sheet_is_chosen_by_name_pattern_or_for_being_the_only_filled_one(read: Callable[..., list[Any]]) -> None:
    one = workbook(HEADING, list(ROW), sheet="抽查 3月", others={"Sheet2": [], "Sheet3": []})
    two = workbook(HEADING, list(ROW), sheet="抽查 3月", others={"填表说明": [["说明"]]})
    assert read(one, {"kind": "xlsx"}) == [ROW]
    assert read(two, {"kind": "xlsx", "sheet": "抽查*"}) == [ROW]
    for form in ({}, {"sheet": "检验*"}):
        with pytest.raises(UnreadableFileError, match="'抽查 3月', '填表说明'"):
            read(two, {"kind": "xlsx", **form})


def test_headings_that_are_nowhere_are_drift(read: Callable[..., list[Any]]) -> None:
    with pytest.raises(DriftError, match="none of the first 2 rows holds two headings of profile plain"):
        read(workbook(["a", "b"], ["c", "d"]), {"kind": "xlsx", "header_row": "auto"})


def test_xls_reads_like_xlsx(read: Callable[..., list[Any]]) -> None:
    """Read a fixture written with xlwt 1.3, since nothing in the lock writes XLS.

    It has a merged title, headings merged over two rows, an empty row, a date, a date with time, numbers, a number as
    text, booleans, a formula and a footnote; a second sheet holds explanations.
    """
    data = (FIXTURES / "inspections.xls").read_bytes()
    form = {"kind": "xls", "sheet": "检验结果*", "header_row": 2, "header_rows": 2, "footer": "^注"}
    headers = {"编号": "code", "使用单位/名称": "name", "检验日期": "seen_on"}
    ignore = ["使用单位/电话", "金额", "合格", "合计"]
    assert read(data, form, headers=headers, ignore=ignore) == [
        ("7", "甲", "2026-03-05"),
        ("00八", "乙 ", "2026-03-05 13:00:00"),
    ]
    numbers = {"使用单位/电话": "code", "金额": "name", "合格": "seen_on"}
    rest = ["编号", "使用单位/名称", "检验日期", "合计"]
    assert read(data, form, headers=numbers, ignore=rest) == [
        ("0512", "1.5", "TRUE"),
        ("13800000000", "1,000.50", "FALSE"),
    ]


def test_an_xls_sheet_begins_at_its_first_row_and_column(read: Callable[..., list[Any]]) -> None:
    data = xls([[], ["", "一览表"], ["", *HEADING], [], ["", "A1", 1.1 * 3, 2**60]])
    assert read(data, {"kind": "xls", "header_row": 3}) == [("A1", "3.3", "1.15292150460685e+18")]


NDJSON = json.dumps(dict(zip(HEADERS, ROW, strict=True))).encode() + b"\n"
PLAIN = {
    "csv": TEXT.encode(),
    "xlsx": workbook(HEADING, list(ROW)),
    "xls": xls([HEADING, ROW]),
    "ndjson": NDJSON,
    "json": b"[" + NDJSON.strip() + b"]",
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_every_format_is_read_from_gz_and_zip(kind: str, packed: str, read: Callable[..., list[Any]]) -> None:
    data = gzip.compress(PLAIN[kind]) if packed == "gz" else zipped({f"a.{kind}": PLAIN[kind]})
    assert read(data, {"kind": kind}) == [ROW]


def test_the_member_is_chosen_by_glob_and_clutter_is_none(read: Callable[..., list[Any]]) -> None:
    clutter = {"__MACOSX/._a.csv": b"x", "a/.DS_Store": b"x", "a/": b""}
    assert read(zipped({**clutter, "a/a.csv": TEXT.encode()}), {"kind": "csv"}) == [ROW]
    two = zipped({"说明.txt": b"x", "数据.csv": TEXT.encode()})
    assert read(two, {"kind": "csv", "member": "数*.csv"}) == [ROW]


def test_member_names_in_gbk_are_read(read: Callable[..., list[Any]]) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {"##.txt": b"x", "@@.csv": TEXT.encode()}.items():
            archive.writestr(name, data)
    packed = file.getvalue().replace(b"##", "说".encode("gbk")).replace(b"@@", "数".encode("gbk"))
    assert read(packed, {"kind": "csv", "member": "数.csv"}) == [ROW]


def test_gz_in_several_parts_is_one_text(read: Callable[..., list[Any]]) -> None:
    data = gzip.compress(TEXT.encode()) + gzip.compress(b"A2,x,y\n")
    assert read(data, {"kind": "csv"}) == [ROW, ("A2", "x", "y")]


def test_nested_json_is_read_from_its_path_with_digits_as_written(read: Callable[..., list[Any]]) -> None:
    document = """{"total": 2, "data": {"rows": [
        {"sample": {"no": 12345678901234567890, "name": "甲", "x": {"y": 1}}, "items": [{"v": 1.10, "u": "mg"}]},
        {"sample": {"no": "A2", "name": null}, "items": null}, 5]}}"""
    headers = {"sample.no": "code", "sample.name": "name", "items": "seen_on"}
    found = read(document.encode(), {"kind": "json", "records": "data.rows"}, headers=headers, ignore=["sample.x"])
    assert found == [
        ("12345678901234567890", "甲", '[{"v":1.10,"u":"mg"}]'),
        ("A2", None, None),
        Unreadable("5"),
    ]


@FEW
@given(table=TABLES)
def test_any_table_comes_back_from_a_workbook(table: list[tuple[str, ...]], read: Callable[..., list[Any]]) -> None:
    texts = [tuple(f"'{cell}" for cell in row) for row in table]  # nothing that openpyxl takes for a formula
    assert read(workbook(HEADING, *map(list, texts)), {"kind": "xlsx"}) == texts


@FEW
@given(table=TABLES)
def test_any_table_comes_back_from_json(table: list[tuple[str, ...]], read: Callable[..., list[Any]]) -> None:
    records = [dict(zip(HEADERS, row, strict=True)) for row in table]
    assert read(json.dumps({"rows": records}).encode(), {"kind": "json", "records": "rows"}) == table


@FEW
@given(table=TABLES, encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_table_comes_back_from_packed_text_of_unknown_encoding(
    table: list[tuple[str, ...]], encoding: str, read: Callable[..., list[Any]]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADING, *table])
    written = text.getvalue().encode(encoding)
    assert read(gzip.compress(written), {"kind": "csv", "encoding": encoding}) == table
    assert read(zipped({"a.csv": written}), {"kind": "csv", "encoding": encoding}) == table


def test_an_error_in_json_shows_nothing_of_the_document(read: Callable[..., list[Any]]) -> None:
    document = '[{"编号": "11010119900101123X", "名称": }]'
    with pytest.raises(UnreadableFileError, match="it is no JSON document: parse error: unallowed token") as raised:
        read(document.encode(), {"kind": "json"})
    assert "1101" not in str(raised.value)
