"""Workbooks written in bounded memory, whole or not at all, and byte for byte the same when written again."""

import contextlib
import datetime as dt
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import ExcelWriter

from market_regulation.quality.returns.cells import to_cell

_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001, a workbook's times have no zone
_TOP = Alignment(vertical="top", wrap_text=True)
_BOLD = Font(bold=True)


def write_workbook(path: Path, fill: Callable[[Workbook], None]) -> str:
    """Let ``fill`` add sheets to an empty workbook and put it at ``path`` (mode 0600); return its SHA-256 (hex).

    Two writers of one path must be kept apart by the caller. What a killed writer left is removed by the next one.
    """
    scratch = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    unfinished = scratch / "workbook"
    with _temporary_files_in(scratch):  # they hold rows, which have no business in the machine's folder for such files
        book = Workbook(write_only=True)
        book.properties = DocumentProperties(creator="", created=_NO_TIME, modified=_NO_TIME)
        fill(book)
        with unfinished.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            with _TimelessZip(file, "w", zipfile.ZIP_DEFLATED) as archive:
                ExcelWriter(book, archive).save()
            file.flush()
            os.fsync(file.fileno())
    with unfinished.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    unfinished.replace(path)
    shutil.rmtree(scratch)
    return sha256


class TextRows:
    """Appends rows of texts to a sheet: nothing is calculated, and what is typed into a cell later stays text too."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self._sheet = sheet
        self._cells: dict[bool, list[Cell]] = {False: [], True: []}

    def append(self, texts: Sequence[str | None], *, bold: bool = False) -> None:
        """Write one row. A cell is written at once, so the next row takes the same ones, with the same style."""
        cells = self._cells[bold]
        cells += [self._cell(bold) for _ in texts[len(cells) :]]
        for cell, text in zip(cells, texts, strict=False):
            cell.value = to_cell(text) if text else None
            if text:
                cell.data_type = "s"
        self._sheet.append(cells[: len(texts)])

    def _cell(self, bold: bool) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet)
        cell.number_format = "@"
        cell.alignment = _TOP
        if bold:
            cell.font = _BOLD
        return cell


class _TimelessZip(zipfile.ZipFile):
    """An archive whose entries have no time of their own."""

    def writestr(self, name: str, data: bytes | str) -> None:  # type: ignore[override]
        super().writestr(_entry(name), data)

    def write(self, filename: str, arcname: str) -> None:  # type: ignore[override]
        with Path(filename).open("rb") as source, self.open(_entry(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
