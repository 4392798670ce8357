"""What is drafted from an inspected table is valid YAML of the platform's own shapes."""

from pathlib import Path

import pytest
import yaml

from market_regulation.quality.suite import load_suite
from market_regulation.sources.catalog import find_source, read_contract
from market_regulation.sources.profile import Profile
from market_regulation.sources.profiling import names
from market_regulation.sources.profiling.codes import CodeWords, code_words, sort_words
from market_regulation.sources.profiling.draft import profile_draft
from market_regulation.sources.profiling.inspection import Inspected, RawTable, best_source, inspect
from market_regulation.sources.profiling.matching import match, targets
from market_regulation.sources.profiling.new_source import contract_draft, propose
from market_regulation.sources.profiling.new_suite import suite_draft

HEADINGS = ["序号", "报告编号", "设备代码", "检验日期", "结论", "检验员", "安全管理员", "备用列"]
ROWS = [
    ["1", "TD-1", "311031011202000001", "2026/3/1", "合格", "张三丰", "王五", "/"],
    ["2", "TD-2", "311031011202000002", "2026年3月2日", "不合格", "张三丰", "王五", "a"],
    ["3", "TD-3", "311031011202000003", "2026/3/3", "待定", "李四光", "王五", "/"],
]
FORM: dict[str, str | int | None] = {"kind": "csv", "encoding": "gb18030", "delimiter": ";"}


@pytest.fixture
def found() -> Inspected:
    rows = [["2026年第一季度检验情况"], HEADINGS, *ROWS, *([str(4 + i), f"TD-{4 + i}", *ROWS[0][2:]] for i in range(6))]
    return inspect(RawTable(FORM, rows, complete=True), [find_source("agency_inspections")])


def test_a_draft_is_a_profile_that_says_what_was_found(found: Inspected) -> None:
    """Format, columns, dates, null words and known code words; what is not known stands in comments."""
    source = find_source("agency_inspections")
    guesses = match(found.columns, targets(source, []))
    text = profile_draft(found, guesses, source, code_words(source, [], {}), "检验_20260316.csv", "third")
    profile = Profile.model_validate(yaml.safe_load(text)["profiles"]["third"])

    assert profile.format.model_dump(include={"kind", "encoding", "delimiter", "header_row"}) == {
        **FORM,
        "header_row": 2,
    }
    assert profile.headers == {
        "报告编号": "report_no",
        "设备代码": "device_code",
        "检验日期": "inspected_on",
        "结论": "conclusion",
    }
    assert profile.ignore == ["序号"]
    assert profile.dates == ["YYYY/MM/DD", "YYYY年MM月DD日"]
    assert profile.null_words == ["/"]
    assert profile.lookups == {"conclusion": {"合格": "PASS", "不合格": "FAIL"}}
    assert profile.files == "检验_*.csv"


def test_a_draft_marks_what_a_person_must_decide(found: Inspected) -> None:
    """Unknown headings and words, and columns of the contract that found no heading, are lines with a ?."""
    source = find_source("agency_inspections")
    guesses = match(found.columns, targets(source, []))
    marked = [
        line.split("#", 1)[1].strip()
        for line in profile_draft(found, guesses, source, code_words(source, [], {}), "a.csv", "a").splitlines()
        if line.lstrip().startswith("#") and ": ?" in line
    ]

    assert [line.split(":")[0] for line in marked[:4]] == ["检验员", "安全管理员", "备用列", "待定"]
    assert "1 rows, unknown word" in marked[3]
    assert "user_unit_uscc" in {line.split(":")[0] for line in marked[4:]}


def test_no_draft_shows_names_of_persons(found: Inspected) -> None:
    """Inspectors repeat themselves like code words; their names must not be listed."""
    source = find_source("agency_inspections")
    guesses = match(found.columns, targets(source, []))
    profile = profile_draft(found, guesses, source, code_words(source, [], {}), "a.csv", "a")
    new = propose(found, best_source(found, [])[1], "new_inspections")
    contract = contract_draft(new, found, "a.csv")

    assert not any(name in profile + contract for name in ("张三丰", "王五"))
    assert all(
        "personal: name" in line
        for line in contract.splitlines()
        if "title: 检验员" in line or "title: 安全管理员" in line
    )


def test_a_new_source_is_a_contract_and_a_suite_that_load(found: Inspected, tmp_path: Path) -> None:
    """Both are valid as they stand, so that the file can be taken in at once."""
    new = propose(found, best_source(found, [])[1], "new_inspections")
    (tmp_path / "expectations").mkdir()
    (tmp_path / "new_inspections.yml").write_text(contract_draft(new, found, "a.csv"), encoding="utf-8")
    (tmp_path / "expectations" / "new_inspections.yml").write_text(suite_draft(new), encoding="utf-8")

    source = read_contract(tmp_path / "new_inspections.yml")
    rules = [
        (rule.expectation, getattr(rule, "column", "") or getattr(rule, "passes", ""))
        for rule in load_suite(source).expectations
    ]

    assert source.key == ["report_no"]
    assert {name: column.type for name, column in source.columns.items()} == {
        "report_no": "code",
        "device_code": "code",
        "inspected_on": "date",
        "conclusion": "text",
        "inspector_name": "text",
        "column_7": "text",
        "column_8": "text",
    }
    assert rules == [
        ("expect_column_values_to_not_be_null", "report_no"),
        ("rule_column", "quality.is_date(inspected_on)"),
    ]


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([["1", "x"], ["2", "x"], ["3", "y"]], ["a"]),
        ([["1", "x"], ["1", "y"], ["2", "x"]], ["a", "b"]),
        ([["1", "x"], ["1", "x"], ["2", ""]], ["a", "b"]),
    ],
)
def test_the_key_is_the_smallest_that_tells_rows_apart(rows: list[list[str]], key: list[str]) -> None:
    """One column, else two, else all of them; then columns with gaps are optional."""
    found = inspect(RawTable(FORM, [["a", "b"], *rows], complete=True), [])

    assert propose(found, best_source(found, [])[1], "new_source").key == key


def test_a_file_without_dates_gets_a_column_for_freshness(tmp_path: Path) -> None:
    """A contract must name a date; an optional one that no delivery has."""
    found = inspect(RawTable(FORM, [["编号", "名称"], ["1", "x"], ["2", "y"]], complete=True), [])
    (tmp_path / "new_list.yml").write_text(
        contract_draft(propose(found, best_source(found, [])[1], "new_list"), found, "a.csv"), encoding="utf-8"
    )
    source = read_contract(tmp_path / "new_list.yml")

    assert source.freshness.column == "as_of"
    assert source.columns["as_of"].optional


def test_the_best_fitting_contract_is_found_by_its_key_and_columns(found: Inspected) -> None:
    """Without the key column, or with a few columns only, a file belongs to no contract."""
    sources = [find_source("agency_inspections"), find_source("registry_enterprises")]
    headings = ["统一社会信用代码", "企业名称", "登记状态", "主体类型", "成立日期", "起始日期", "终止日期"]
    row = ["91330106MA2AT5T14P", "甲", "存续", "企业", "2020-01-01", "2020-01-01", ""]
    table = RawTable(FORM, [headings, row], complete=True)
    keyless = RawTable(FORM, [headings[1:], row[1:]], complete=True)

    assert best_source(found, sources)[0] is None
    assert best_source(inspect(keyless, sources), sources)[0] is None
    assert best_source(inspect(table, sources), sources)[0] is sources[1]


def test_a_profile_that_claims_the_same_files_is_named(found: Inspected) -> None:
    """A file that two globs fit has no profile."""
    source = find_source("agency_inspections")
    guesses = match(found.columns, targets(source, []))

    assert "# Profile jiangsu_institute takes" in profile_draft(found, guesses, source, {}, "js_1.csv", "js")
    assert "# Profile" not in profile_draft(found, guesses, source, {}, "zj_1.csv", "zj")


def test_units_come_from_the_heading() -> None:
    """罚款金额（万元） is in 万元."""
    source = find_source("amr_penalties")
    table = RawTable(
        FORM, [["行政处罚决定书文号", "罚款金额（万元）"], ["甲市监处罚〔2026〕1号", "0.2"]], complete=True
    )
    found = inspect(table, [source])
    text = profile_draft(found, match(found.columns, targets(source, [])), source, {}, "a.csv", "a")

    assert yaml.safe_load(text)["profiles"]["a"]["units"] == {"fine_amount": "万元"}


def test_code_words_of_other_contracts_count_where_the_codes_are_ours() -> None:
    """A word for PASS is a word for PASS; a word for a code that this contract lacks is unknown."""
    source, other = find_source("samr_spot_checks"), find_source("agency_inspections")
    words = code_words(source, [other], {"conclusion": ["PASS", "FAIL"]})["conclusion"]
    looked_up, unknown = sort_words({"符合要求": 3, "整改后运行": 2, "PASS": 1}, words)

    assert looked_up == {"符合要求": "PASS"}
    assert unknown == {"整改后运行": 2}


def test_long_texts_are_no_code_words() -> None:
    """What stands in a code column by mistake may be anything and is not shown."""
    assert sort_words({"某" * 40: 2}, CodeWords())[1] == {}


def test_footnotes_at_the_end_are_left_out_and_counted() -> None:
    """A sum below a sheet's table: the draft says from how many filled cells on a row is one."""
    rows = [["编号", "名称", "日期"], ["1", "x", "2026-03-01"], ["2", "y", "2026-03-02"], ["合计2台", "", ""]]
    found = inspect(RawTable({"kind": "xlsx"}, rows, complete=True), [])

    assert (len(found.rows), found.footnotes, found.form["min_cells"]) == (2, 1, 2)


def test_headings_over_two_rows_are_joined_as_the_reader_joins_them() -> None:
    """A merged 使用单位 over 名称 and 信用代码."""
    rows = [["报告编号", "使用单位", ""], ["", "名称", "信用代码"], ["1", "x", "91330106MA2AT5T14P"], ["2", "y", ""]]
    found = inspect(RawTable({"kind": "xlsx"}, rows, complete=True), [find_source("agency_inspections")])

    assert found.headings == ["报告编号", "使用单位/名称", "使用单位/信用代码"]
    assert found.form == {"kind": "xlsx", "header_row": 1, "header_rows": 2}


def test_an_empty_table_is_refused() -> None:
    """There is nothing to say about it."""
    with pytest.raises(ValueError, match="empty"):
        inspect(RawTable(FORM, [[""]], complete=True), [])


@pytest.mark.parametrize(
    ("file_name", "profile", "glob"),
    [
        ("sh_20260316.csv", "sh", "sh_*.csv"),
        ("检验结果2026-03-16.xlsx", "template", "检验结果*.xlsx"),
        (
            "1f8e1ff7_国内15年国外20年_bak_20210927215030_format.csv",
            "bak_format",
            "*_国内15年国外20年_bak_*_format.csv",
        ),
        ("report[1].csv.gz", "report", "report[[]1].csv.gz"),
    ],
)
def test_names_are_made_of_what_does_not_vary(file_name: str, profile: str, glob: str) -> None:
    """Dates and hashes do."""
    assert names.identifier(file_name) == profile
    assert names.glob(file_name) == glob


def test_names_that_are_taken_are_numbered() -> None:
    """A draft never has the name of a profile that exists."""
    assert names.identifier("sh_1.csv", {"sh", "sh_2"}) == "sh_3"
    assert names.source_name("data.csv") == "new_data"
