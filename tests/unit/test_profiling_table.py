"""Delimiter, quotation mark and heading row of an unknown table."""

import pytest

from market_regulation.sources.profiling.delimiter import guess_delimiter, guess_quote, rows_of
from market_regulation.sources.profiling.header import find_header, takes_two_rows
from market_regulation.sources.profiling.inspection import RawTable, inspect

KNOWN = {"报告编号", "检验日期", "检验结论", "使用单位", "名称", "信用代码"}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "^", "\x01"])
def test_the_delimiter_is_the_one_that_cuts_lines_alike(delimiter: str) -> None:
    """Commas inside texts do not win over the true delimiter."""
    lines = [
        ["报告编号", "使用单位", "结论"],
        ["1", "甲公司，乙厂", "合格, 无"],
        ["2", "丙", "不合格"],
        ["3", "丁", "合格"],
    ]

    assert guess_delimiter("\n".join(delimiter.join(line) for line in lines)) == delimiter


def test_quoted_cells_with_delimiters_and_line_breaks_are_one_cell() -> None:
    """The delimiter is counted outside of quotation marks."""
    assert guess_delimiter('a;b\n"1,2,3\n4,5,6";x\n"7,8,9";y\n') == ";"


def test_lines_of_title_do_not_hide_the_delimiter() -> None:
    """Even where there are more of them than rows."""
    assert guess_delimiter("表一\n单位：台\n三月\n甲;乙;丙\n1;2;3\n") == ";"


def test_one_column_has_no_delimiter_and_reads_with_a_comma() -> None:
    """The default of profiles."""
    assert guess_delimiter("编号\n1\n2\n") == ","


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('a,b\n"1,5",2\n', '"'),
        ("a,b\n'1,5',2\n'3,4',5\n", "'"),
        ("a,b\n1,2\n", '"'),
        ('a,b\n"管径5 寸,2\n3,4\n', None),
    ],
)
def test_the_quotation_mark_is_seen(text: str, mark: str | None) -> None:
    """Double, single, none needed, none at all."""
    assert guess_quote(text, ",") == mark


def test_a_line_separator_of_unicode_inside_a_cell_ends_no_row() -> None:
    """Rows end where the reader of deliveries ends them."""
    assert list(rows_of("a,b\n1\u2028x,2\n", ",", '"')) == [["a", "b"], ["1\u2028x", "2"]]


TITLED = [
    ["2026年第一季度电梯检验情况", "", "", ""],
    ["填报单位：", "某检验所", "", ""],
    ["报告编号", "检验日期", "使用单位", "检验结论"],
    ["TD-1", "2026-03-01", "甲公司", "合格"],
    ["TD-2", "2026-03-02", "乙公司", "不合格"],
]


def test_titles_above_the_headings_are_passed_over() -> None:
    """The third row holds the headings."""
    assert find_header(TITLED, KNOWN.__contains__) == 3


def test_headings_nobody_knows_are_told_by_what_is_below() -> None:
    """A row of texts over rows of dates and numbers."""
    assert find_header([["表一", "", ""], ["甲栏", "乙栏", "丙栏"], ["1", "2026-03-01", "5.5"]], lambda _: False) == 2


def test_known_headings_decide_between_rows_of_texts() -> None:
    """A line of groups above the headings is as full as they are."""
    rows = [["基本信息", "时间", "结果"], ["报告编号", "检验日期", "检验结论"], ["TD-1", "2026-03-01", "合格"]]

    assert find_header(rows, KNOWN.__contains__) == 2


def test_a_table_of_values_only_has_no_headings() -> None:
    """Nothing is made up: the draft says that no row looks like headings."""
    rows = [["1", "2026-03-01", "5.5"], ["2", "2026-03-02", "6"]]

    assert find_header(rows, KNOWN.__contains__) is None
    assert inspect(RawTable({"kind": "csv"}, rows, complete=True), []).headless


def test_a_row_of_values_is_no_heading_row() -> None:
    """The numbers of the columns stand above the headings in some forms."""
    assert find_header([["1", "2", "3"], ["甲栏", "乙栏", "丙栏"], ["4", "5", "6"]], lambda _: False) == 2


def test_headings_over_two_rows_are_seen() -> None:
    """A merged cell above, its parts below; a row of data below is no second heading row."""
    merged = [["报告编号", "使用单位", ""], ["", "名称", "信用代码"], ["1", "甲公司", "91330106MA2AT5T14P"]]

    assert takes_two_rows(merged, 1, KNOWN.__contains__)
    assert not takes_two_rows(TITLED, 3, KNOWN.__contains__)
    assert not takes_two_rows([["报告编号", "使用单位"], ["名称", "信用代码"]], 1, KNOWN.__contains__)
