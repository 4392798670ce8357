"""Cells of return files: no text becomes a formula, every text comes back as it was."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from market_regulation.quality.returns.cells import CUT, from_cell, to_cell
from market_regulation.quality.returns.workbook import TextRows

FORMULAS = ["=1+1", "+1", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''-1", "＝1", "－5", '=A("x")']
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_might_be_calculated_gets_an_apostrophe(text: str) -> None:
    assert to_cell(text).startswith("'")
    assert from_cell(unescape(to_cell(text))) == text


@pytest.mark.parametrize("text", ["2026-03-16", "A-1", "91110000600037341L", "'甲", "1=1", "#N/A", "TRUE"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert to_cell(text) == text
    assert from_cell(text) == text


@settings(max_examples=100, deadline=None)
@given(st.lists(STORABLE | st.sampled_from([*FORMULAS, "_x0041_", "\x01", "a\r\nb", "\ufffe"]), min_size=1, max_size=9))
def test_every_text_comes_back_from_a_workbook_as_a_text(texts: list[str]) -> None:
    book = Workbook(write_only=True)
    TextRows(book.create_sheet()).append(texts)
    file = io.BytesIO()
    book.save(file)
    [cells] = load_workbook(file).active.iter_rows()  # type: ignore[union-attr]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [from_cell(unescape(str(cell.value))) for cell in cells] == texts


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    assert to_cell("检" * 32_000) == "检" * 32_000
    cut = to_cell("😀" * 32_000)
    assert cut.endswith(CUT)
    assert len(cut.encode("utf-16-le")) // 2 < 32_767
