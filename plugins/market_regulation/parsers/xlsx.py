"""XLSX through openpyxl, row by row: no entity is ever expanded.

Sheets and shared texts go through ``safe_xml``, which is faster than defusedxml; all other parts through defusedxml.
"""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

import openpyxl
from openpyxl.reader import strings
from openpyxl.utils.escape import unescape
from openpyxl.worksheet import _read_only, _reader
from openpyxl.worksheet._reader import DATA_TAG, FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from market_regulation.parsers.container import check_members
from market_regulation.parsers.process import GivenUpError, Request
from market_regulation.parsers.safe_xml import elements
from market_regulation.parsers.sheets import Sheet, Uncalculated

SST_TAG, SI_TAG = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("sst", "si"))


class _SheetParser(WorkSheetParser):
    """openpyxl's own, except that it believes no claimed size and tells a formula without a result from no cell."""

    def parse_dimensions(self) -> None:
        """Return nothing: to look for the claim can take as long as to read the sheet."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        """Return the cell.

        Raises:
            GivenUpError: It is the first of several that one formula fills; which others are empty cannot be told.
        """
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and (formula := _uncalculated(element)) is not None:
            first, _, last = formula.get("ref", "").partition(":")
            if formula.get("t") in ("array", "dataTable") and last not in ("", first):
                raise GivenUpError(
                    f"a formula over the cells {first[:20]}:{last[:20]} has no stored results;"
                    " open the file in Excel, let it calculate, save it and deliver it again"
                )
            cell["value"] = Uncalculated(f"={formula.text or '…'}")
        return cell


# openpyxl has no other place to say so; should it ever look elsewhere, its XML goes through defusedxml again
_read_only.WorkSheetParser = _SheetParser  # type: ignore[attr-defined]
_reader.iterparse = partial(elements, holder=DATA_TAG, item=ROW_TAG)  # type: ignore[attr-defined]
strings.iterparse = partial(elements, holder=SST_TAG, item=SI_TAG)  # type: ignore[attr-defined]


class XlsxWorkbook:
    """A workbook whose shared texts are in memory and whose rows are not.

    The limit of the process's memory is theirs: 1024 MB hold some five million different texts of 30 characters, and a
    workbook with more is refused (``MemoryError``). Sheets may have any size.
    """

    def __init__(self, file: BinaryIO, request: Request) -> None:
        """Open it.

        Raises:
            GivenUpError: Its archive is hostile or larger inside than its size should hold.
        """
        if not openpyxl.DEFUSEDXML or openpyxl.LXML:
            raise GivenUpError("openpyxl runs without defusedxml here: install it and unset OPENPYXL_LXML")
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file) as archive:
            check_members(archive)
            size, budget = sum(m.file_size for m in archive.infolist()), request.budget(file.seek(0, 2))
        if size > budget:
            raise GivenUpError(f"{size} bytes come out of it, {budget} are the limit for a file of its size")
        file.seek(0)
        self._book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        self.sheets = [Sheet(sheet.title, sheet.sheet_state == "visible") for sheet in self._book.worksheets]

    def rows(self, name: str) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet from row 1 on."""
        for row in self._book[name].iter_rows(values_only=True):
            yield [unescape(value) if isinstance(value, str) and "_x" in value else value for value in row]


def _uncalculated(cell: Element) -> Element | None:
    """Return the formula of an empty cell, unless its result is the empty text (``t="str"`` and ``<v></v>``)."""
    formula = cell.find(FORMULA_TAG)
    if formula is None or not (formula.text or formula.attrib):
        return None
    return None if cell.get("t") == "str" and cell.find(VALUE_TAG) is not None else formula
