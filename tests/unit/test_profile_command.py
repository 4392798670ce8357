"""``make profile`` on files of every format: what it reads, prints and writes."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml

from market_regulation import settings
from market_regulation.commands import profile
from market_regulation.landing import sampling
from market_regulation.landing.records import UnreadableFileError
from market_regulation.landing.sampling import sample
from market_regulation.sources.catalog import read_contract
from market_regulation.sources.profiling.inspection import inspect

HEADINGS = ["报告编号", "检验日期", "检验结论", "联系电话"]
ROWS = [[f"TD-{n}", f"2026-03-0{n}", "合格", "13800138000"] for n in range(1, 6)]
Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file; the platform's home is a folder of the test."""
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MARKET_REGULATION_SOURCES", raising=False)

    def to(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return to


def delimited(delimiter: str, encoding: str) -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in [HEADINGS, *ROWS]).encode(encoding)


def workbook(*sheets: str) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for name in sheets:
        sheet = book.create_sheet(name)
        sheet.append(["检验情况表"])
        for row in [HEADINGS, *ROWS]:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(file)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return file.getvalue()


RECORDS = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]
NESTED = {"total": 5, "data": {"rows": [{"报告": {"编号": row[0]}, "检验日期": row[1]} for row in ROWS]}}


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("a.csv", delimited(",", "utf-8"), {"kind": "csv", "encoding": "utf-8", "delimiter": ","}),
        ("a.csv", delimited(";", "gb18030"), {"kind": "csv", "encoding": "gb18030", "delimiter": ";"}),
        ("a.tsv", delimited("\t", "utf-16"), {"kind": "csv", "encoding": "utf-16", "delimiter": "\t"}),
        (
            "a.csv.gz",
            gzip.compress(delimited("|", "utf-8-sig")),
            {"kind": "csv", "encoding": "utf-8-sig", "delimiter": "|"},
        ),
        ("a.zip", zipped(a__csv=delimited(",", "gb18030")), {"kind": "csv", "encoding": "gb18030", "delimiter": ","}),
        ("a.xlsx", workbook("一"), {"kind": "xlsx"}),
        ("a.zip", zipped(a__xlsx=workbook("一")), {"kind": "xlsx"}),
        ("a.json", json.dumps(RECORDS).encode(), {"kind": "json", "records": ""}),
        ("a.ndjson", "\n".join(map(json.dumps, RECORDS)).encode(), {"kind": "ndjson"}),
    ],
    ids=["csv", "semicolons in gb18030", "tsv in utf-16", "gz", "zip", "xlsx", "xlsx in zip", "json", "ndjson"],
)
def test_a_file_of_any_format_is_read_without_a_profile(
    name: str, data: bytes, form: dict[str, str], write: Write
) -> None:
    """Format found, all rows read, headings where they stand."""
    table = sample(write(name, data))

    assert table.form == form
    assert table.complete
    assert [list(row) for row in table.rows[-6:]] == [HEADINGS, *ROWS]


def test_nested_json_is_read_by_dotted_names(write: Write) -> None:
    """The list of records is found inside the document, objects inside records are opened."""
    table = sample(write("a.json", json.dumps(NESTED).encode()))

    assert table.form == {"kind": "json", "records": "data.rows"}
    assert table.rows[0] == ["报告.编号", "检验日期"]
    assert table.rows[1] == ["TD-1", "2026-03-01"]


def test_no_more_rows_are_read_than_asked_for(write: Write) -> None:
    """And the table says that it is not the whole file."""
    table = sample(write("a.csv", delimited(",", "utf-8")), rows=3)

    assert (len(table.rows), table.complete) == (3, False)


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "a.xlsx"])
def test_no_more_characters_are_kept_than_a_bound(name: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the cells are, and though no row is left out for its number."""
    monkeypatch.setattr(sampling, "CHARACTERS", 50)
    data = {
        "a.csv": delimited(",", "utf-8"),
        "a.ndjson": "\n".join(map(json.dumps, RECORDS)).encode(),
        "a.xlsx": workbook("一"),
    }[name]

    table = sample(write(name, data))

    assert not table.complete
    assert len(table.rows) < len(ROWS)


def test_the_heading_row_is_counted_as_the_reader_of_deliveries_counts(write: Write) -> None:
    """Rows above it that cannot be read count, empty lines do not (CSV); every row counts in a sheet."""
    table = sample(write("a.csv", b"\r\n\0title\r\n" + delimited(",", "utf-8")))

    assert inspect(table, []).form["header_row"] == 2
    assert inspect(sample(write("a.xlsx", workbook("一"))), []).form["header_row"] == 2


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", workbook("一", "二"), "name one in format.sheet"),
        ("a.zip", zipped(a__csv=b"a,b\n", b__csv=b"a,b\n"), "2 of its 2 members"),
        ("a.json", b'{"a": 1}x', "no"),
        ("a.json", b'{"a": 13800138000 x}', r"its first \d+ characters hold an error$"),
        ("a.json", b"[1, 2]", "without a list of objects"),
        ("a.json", b"[" * 100_000, "deeper than 64 levels"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, data: bytes, message: str, write: Write) -> None:
    """Several sheets or members must be named; other things are no tables."""
    with pytest.raises(UnreadableFileError, match=message):
        sample(write(name, data))


def test_a_sheet_or_member_that_is_named_is_read(write: Write) -> None:
    """And the draft names it too."""
    book = sample(write("a.xlsx", workbook("一", "二")), sheet="二")
    archive = sample(write("a.zip", zipped(a__csv=b"x\n1\n", b__csv=delimited(",", "utf-8"))), member="b.csv")

    assert book.form == {"kind": "xlsx", "sheet": "二"}
    assert archive.form["member"] == "b.csv"
    assert len(archive.rows) == 6


def test_the_command_drafts_a_profile_of_the_named_source(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints headings, shares and the next commands, and no value of a cell but code words."""
    file = write("js_20260316.csv", delimited(";", "gb18030"))

    assert profile.main(["--file", str(file), "--source", "agency_inspections"]) == 0

    printed = capsys.readouterr().out
    draft = file.parent / "home" / "profiles" / "agency_inspections.js.yml"
    drafted = yaml.safe_load(draft.read_text(encoding="utf-8"))["profiles"]["js"]
    assert drafted["format"] == {"kind": "csv", "encoding": "gb18030", "delimiter": ";", "header_row": 1}
    assert drafted["lookups"] == {"conclusion": {"合格": "PASS"}}
    assert str(draft) in printed
    assert f'make ingest SOURCE=agency_inspections FILE="{file}"' in printed
    assert "required columns of agency_inspections without a heading: device_code" in printed
    assert "13800138000" not in printed + draft.read_text(encoding="utf-8")


def test_the_command_says_how_a_file_gets_to_a_source_that_is_not_fetched_from_the_inbox(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next step is one that the source's way of fetching allows."""
    (tmp_path / "expectations").mkdir()
    for folder, to in (("dags/sources", tmp_path), ("expectations", tmp_path / "expectations")):
        text = (settings.project_root() / folder / "agency_inspections.yml").read_text(encoding="utf-8")
        text = text.replace("source: agency_inspections", "source: far_inspections").replace(
            "{kind: file_drop}", "{kind: sftp, host: h.example, user: u, folder: /out, password_env: FAR_PASSWORD}"
        )
        (to / "far_inspections.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("MARKET_REGULATION_SOURCES", str(tmp_path))
    file = write("a.csv", delimited(",", "utf-8"))
    profile.main(["--file", str(file), "--source", "far_inspections"])
    assert "3. put the file into /out on h.example, then: make ingest SOURCE=far_inspections" in capsys.readouterr().out


def test_the_command_drafts_a_source_where_no_contract_fits(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract and suite lie in a folder that MARKET_REGULATION_SOURCES can name as it is."""
    file = write("a.xlsx", workbook("一"))

    assert profile.main(["--file", str(file), "--name", "phone_list"]) == 0

    folder = file.parent / "home" / "profiles" / "phone_list"
    source = read_contract(folder / "phone_list.yml")
    assert (source.key, source.columns["contact_phone"].personal) == (["report_no"], "phone")
    assert source.suite_file.is_file()
    assert f'MARKET_REGULATION_SOURCES="{folder}" make ingest SOURCE=phone_list' in capsys.readouterr().out


def test_a_path_may_be_relative(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a packed file too, which a process elsewhere opens; the commands printed work from anywhere."""
    file = write("js_1.xlsx", workbook("一"))
    monkeypatch.chdir(file.parent)

    assert profile.main(["--file", "js_1.xlsx", "--source", "agency_inspections"]) == 0
    assert f'FILE="{file}"' in capsys.readouterr().out


def test_a_missing_file_is_named(write: Write, tmp_path: Path) -> None:
    """``make profile`` without FILE names nothing, which is no file either."""
    for path in ("", str(tmp_path / "none.csv")):
        with pytest.raises(FileNotFoundError, match="say FILE=path"):
            profile.main(["--file", path])


def test_an_earlier_draft_is_kept(write: Write) -> None:
    """Somebody may have edited it."""
    file = write("js_1.csv", delimited(",", "utf-8"))
    profile.main(["--file", str(file), "--source", "agency_inspections"])
    draft = file.parent / "home" / "profiles" / "agency_inspections.js.yml"
    draft.write_text("edited", encoding="utf-8")

    profile.main(["--file", str(file), "--source", "agency_inspections"])

    assert draft.with_suffix(".old").read_text(encoding="utf-8") == "edited"
    assert draft.read_text(encoding="utf-8") != "edited"
