"""Headings that are not those of the profile are refused by name; blanks, width and line breaks make no difference."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_regulation.landing.headings import DriftError
from market_regulation.landing.reading import read_rows
from market_regulation.landing.records import Unreadable
from market_regulation.landing.tables import one_by_one
from market_regulation.sources.catalog import ContractError
from market_regulation.sources.contract import Source
from market_regulation.sources.headings import same_heading

MakeSource = Callable[..., Source]


def profiled(make_source: MakeSource, **changes: Any) -> Source:
    plain = {
        "submitter": "t",
        "format": {"kind": "csv"},
        "headers": {"编号": "code", "名称": "name", "检验日期": "seen_on"},
    }
    return make_source("test_headings", profiles={"plain": {**plain, **changes}})


def read(source: Source, text: str, tmp_path: Path) -> tuple[list[str], list[Any]]:
    file = tmp_path / "file"
    file.write_text(text)
    rows = read_rows(file, source, "plain")
    return rows.columns, [row if isinstance(row, Unreadable) else tuple(row) for row in one_by_one(rows.rows)]


@pytest.mark.parametrize(
    "heading", ["检验日期", " 检验 日期 ", "检验\u3000日期", "检验\xa0日期\ufeff", '"检验\r\n日期"']
)
def test_blanks_and_line_breaks_in_a_heading_make_no_difference(
    heading: str, make_source: MakeSource, tmp_path: Path
) -> None:
    columns, _ = read(profiled(make_source), f"编号,名称,{heading}\n1,2,3\n", tmp_path)
    assert columns == ["code", "name", "seen_on"]


def test_width_makes_no_difference_in_the_profile_either(make_source: MakeSource, tmp_path: Path) -> None:
    source = profiled(make_source, headers={"编号 （NO．１）": "code", "名称": "name", "日期": "seen_on"})
    assert read(source, "编号(No.1)".replace("No", "NO") + ",名称,日期\n1,2,3\n", tmp_path)[1] == [("1", "2", "3")]


@given(st.text(max_size=20))
def test_the_form_of_comparison_is_stable(heading: str) -> None:
    assert same_heading(same_heading(heading)) == same_heading(heading)


@pytest.mark.parametrize(
    ("headings", "says"),
    [
        ("编号,名称,检验日期,备注", ["unknown headings '备注'"]),
        ("编号,检验日期", ["missing columns 'name (名称)'"]),
        (
            "编号,名称,检验的日期",
            ["heading '检验的日期' is unknown and column seen_on (检验日期) is missing: renamed?"],
        ),
        ("编号,名称,检验日期,名 称", ["headings '名称', '名 称' all lead to name"]),
        ("编号,名称,检验日期,code", ["headings '编号', 'code' all lead to code"]),
    ],
)
def test_drift_names_the_headings_and_the_profile_to_mend(
    headings: str, says: list[str], make_source: MakeSource, tmp_path: Path
) -> None:
    with pytest.raises(DriftError) as refused:
        read(profiled(make_source), f"{headings}\n1,2,3,4\n", tmp_path)
    for part in [*says, "profile plain in test_headings.yml"]:
        assert part in str(refused.value)


def test_a_renamed_member_of_json_records_is_refused_with_the_likely_name(
    make_source: MakeSource, tmp_path: Path
) -> None:
    source = profiled(make_source, format={"kind": "ndjson"})
    with pytest.raises(DriftError, match="'检验日期时' is unknown and column seen_on"):
        read(source, '{"编号": "1", "名称": "2", "检验日期时": "3"}\n', tmp_path)


def test_a_heading_that_differs_by_a_blank_alone_may_be_ignored(make_source: MakeSource, tmp_path: Path) -> None:
    source = profiled(make_source, ignore=["名 称"])
    assert read(source, "编号,名称,名 称,检验日期\n1,甲,,2\n", tmp_path)[1] == [("1", "甲", "2")]


def test_a_heading_may_fill_several_columns_and_patterns_may_be_ignored(
    make_source: MakeSource, tmp_path: Path
) -> None:
    source = profiled(make_source, headers={"编号/名称": ["code", "name"], "日期": "seen_on"}, ignore=["备注*", "(空)"])
    text = "备注一,编号/名称,备注 2,日期,（空）\nx,A1 甲,y,2026-03-01,z\n"
    assert read(source, text, tmp_path) == (["code", "name", "seen_on"], [("A1 甲", "A1 甲", "2026-03-01")])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"splits": {"name": "批号(.*"}}, "splits.name"),
        ({"splits": {"name": "批号.*"}}, "has 0 groups"),
        ({"splits": {"name": "(a)(b)"}}, "has 2 groups"),
        ({"splits": {"name": r"(\d+)"}}, "write the characters out"),
        ({"splits": {"name": "(?:x)(y)"}}, "write the characters out"),
        ({"splits": {"number": "(.*)"}}, "number"),
        ({"headers": {"编 号": "code", "编号": "name"}}, "stand there twice"),
        ({"headers": {"编号": []}}, "lead to no column"),
        ({"headers": {"编号": ["code", "number"]}}, "number"),
        ({"format": {"kind": "csv", "encoding": "base64"}}, "knows no encoding"),
        ({"format": {"kind": "xlsx", "footer": "(注"}}, "footer"),
        ({"format": {"kind": "xlsx", "header_row": 0}}, "header_row"),
        ({"format": {"kind": "xlsx", "header_rows": 4}}, "header_rows"),
        ({"format": {"kind": "csv", "quote": "''"}}, "quote"),
    ],
)
def test_a_wrong_profile_is_refused_by_key(changes: dict[str, Any], says: str, make_source: MakeSource) -> None:
    with pytest.raises(ContractError, match="profiles") as refused:
        profiled(make_source, **changes)
    assert says in str(refused.value)


def test_a_split_with_one_group_is_taken(make_source: MakeSource) -> None:
    source = profiled(make_source, splits={"name": "批号[:：](.*)"})
    assert source.profiles["plain"].splits == {"name": "批号[:：](.*)"}
