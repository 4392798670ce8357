"""XLSX through openpyxl, row by row, its XML through defusedxml: no entity is ever expanded."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import openpyxl
from openpyxl.utils.escape import unescape

from market_regulation.parsers.container import check_members
from market_regulation.parsers.process import GivenUpError, Request
from market_regulation.parsers.sheets import Sheet


class XlsxWorkbook:
    """A workbook whose shared texts are in memory and whose rows are not."""

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
        """Yield the rows of a sheet from row 1 on; the size that the sheet claims to have counts for nothing."""
        sheet = self._book[name]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield [unescape(value) if isinstance(value, str) and "_x" in value else value for value in row]
