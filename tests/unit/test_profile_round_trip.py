"""What ``make profile`` drafts is what the reader of deliveries needs: the drafted source reads its file whole."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from market_regulation.commands import profile
from market_regulation.landing.reading import count_rows, read_rows
from market_regulation.landing.records import Unreadable
from market_regulation.landing.tables import one_by_one
from market_regulation.sources.catalog import read_contract

HEADINGS = ["报告编号", "检验日期", "使用单位", "统一社会信用代码"]
ROWS = [
    ("TD-1", "2026-03-01", "甲公司，一部", "91330106MA2AT5T14P"),
    ("TD-2", "2026-03-02", '乙"大"厂', "91440304MA5TE5T23W"),
    ("TD-3", "2026-03-03", "丙厂\n二车间", "91310115MA1TE5T42K"),
    ("TD-4", "2026-03-04", "丁店", "92510104MA6TE5T331"),
]


def text(delimiter: str, quote: str = '"', title: str = "") -> str:
    def cell(value: str) -> str:
        special = any(mark in value for mark in (delimiter, quote, "\n"))
        return quote + value.replace(quote, quote * 2) + quote if special else value

    return title + "".join(delimiter.join(map(cell, row)) + "\r\n" for row in [tuple(HEADINGS), *ROWS])


def titled_workbook() -> bytes:
    """Title, blank row, headings over two rows with merged cells, and a footnote."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in [["电梯检验情况"], [], ["报告编号", "检验日期", "使用单位", ""], ["", "", "名称", "信用代码"], *ROWS]:
        sheet.append(list(row))
    sheet.merge_cells("C3:D3")
    sheet.merge_cells("A3:A4")
    sheet.append(["注：数据截至三月底"])
    book.save(file)
    return file.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


RECORDS = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]
NESTED = {"数据": [{"报告编号": r[0], "检验日期": r[1], "使用单位": {"名称": r[2], "信用代码": r[3]}} for r in ROWS]}
FILES = {
    "comma in UTF-8": ("a.csv", text(",").encode()),
    "byte order mark": ("a.csv", text(",").encode("utf-8-sig")),
    "semicolon in GB 18030": ("a.csv", text(";").encode("gb18030")),
    "tab in UTF-16": ("a.tsv", text("\t").encode("utf-16")),
    "single quotes": ("a.csv", text(",", "'").encode()),
    "bar under a title": ("a.txt", text("|", title="三月检验情况\r\n\r\n").encode()),
    "gz": ("a.csv.gz", gzip.compress(text(",").encode("gb18030"))),
    "zip": ("a.zip", zipped("内.csv", text(";").encode("gb18030"))),
    "workbook with titles": ("a.xlsx", titled_workbook()),
    "workbook in zip": ("a.zip", zipped("a.xlsx", titled_workbook())),
    "NDJSON": ("a.ndjson", "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS).encode()),
    "nested JSON": ("a.json", json.dumps(NESTED, ensure_ascii=False).encode()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_drafted_source_reads_its_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row, every cell, and nothing else: titles and footnotes are no rows."""
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MARKET_REGULATION_SOURCES", raising=False)
    file = tmp_path / FILES[name][0]
    file.write_bytes(FILES[name][1])

    assert profile.main(["--file", str(file), "--name", "round_trip"]) == 0

    source = read_contract(tmp_path / "home" / "profiles" / "round_trip" / "round_trip.yml")
    read = read_rows(file, source, "first")
    rows = list(one_by_one(read.rows))
    assert sorted(map(sorted, rows)) == sorted(map(sorted, ROWS))
    assert count_rows(file, source, "first") == len(ROWS)
    assert source.key == ["report_no"]
    assert [column.type for column in source.columns.values()] == ["code", "date", "text", "code"]


def test_an_xls_workbook_is_read_by_its_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fixture of the XLS reader: a title, headings merged over two rows, an empty row, a footnote, two sheets."""
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MARKET_REGULATION_SOURCES", raising=False)
    file = Path(__file__).parents[1] / "fixtures" / "inspections.xls"

    assert profile.main(["--file", str(file), "--name", "old_workbook", "--sheet", "检验结果*"]) == 0

    source = read_contract(tmp_path / "home" / "profiles" / "old_workbook" / "old_workbook.yml")
    rows = list(read_rows(file, source, "first").rows)
    assert [row[0] for row in rows if not isinstance(row, Unreadable)] == ["7", "00八"]
    assert list(source.columns)[:4] == ["record_no", "user_unit_name", "contact_phone", "inspected_on"]
