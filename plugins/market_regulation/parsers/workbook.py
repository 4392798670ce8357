"""Parser process: one sheet of an XLSX or XLS workbook, a JSON array of texts per row.

Empty rows are ``[]`` up to the last filled one, so the n-th line is row n of the sheet. Formulas are their stored
values. A row too large to be kept, or with a formula that has no stored value, is a JSON string instead of an array.
"""

import datetime as dt
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import BinaryIO

from market_regulation.parsers.container import is_workbook, unpacked
from market_regulation.parsers.process import GivenUpError, Output, Request, serve
from market_regulation.parsers.sheets import Uncalculated, Workbook

MOST_ROWS = 1_048_576
LONGEST_ROW = 1 << 20  # characters
ADVICE = "（公式没有存储计算结果，请在 Excel 中打开、重新计算并保存后再报送）"


def write_rows(request: Request, output: Output) -> None:
    """Write the rows of the requested sheet.

    Raises:
        GivenUpError: The file is no workbook, is protected by a password, or has not exactly one such sheet.
    """
    with tempfile.TemporaryFile() as file:
        with unpacked(request, "workbook") as content:
            shutil.copyfileobj(content, file)
        workbook = _opened(file, request)
        empty = 0
        for number, row in enumerate(workbook.rows(_the_sheet(workbook, request.sheet)), start=1):
            if number > MOST_ROWS:
                raise GivenUpError(f"it has more rows than the {MOST_ROWS} of a sheet")
            cells = as_texts(row)
            if not cells:
                empty += 1
                continue
            is_calculated = not any(isinstance(value, Uncalculated) for value in row)
            output.write(b"[]\n" * empty + _line(cells, is_calculated))
            empty = 0


def as_texts(row: Sequence[object]) -> list[str]:
    """Return the cells of a row as texts, without empty ones at its end."""
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value)
        case dt.datetime():
            return _moment(value)
        case _:
            return str(value)


def _number(value: float) -> str:
    """Return the 15 digits that Excel keeps and shows; more of them before the point make it 1.5e+17, not a code."""
    text = format(value + 0.0, ".15g")  # -0.0 becomes 0
    return format(Decimal(text), "f") if "e-" in text else text


def _moment(value: dt.datetime) -> str:
    if value.microsecond >= 500_000:
        value += dt.timedelta(seconds=1)
    value = value.replace(microsecond=0)
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")


def _line(cells: list[str], is_calculated: bool) -> bytes:
    written: object = cells if is_calculated else "\t".join([*cells, ADVICE])
    if sum(map(len, cells)) > LONGEST_ROW:
        written = "\t".join(cell[:1000] for cell in cells)[:10_000] + "\0"
    return json.dumps(written, separators=(",", ":")).encode() + b"\n"


def _opened(file: BinaryIO, request: Request) -> Workbook:
    """Each parser is imported where it is needed: this process starts for every file."""
    is_xlsx = is_workbook(file)
    file.seek(0)
    if is_xlsx:
        from market_regulation.parsers.xlsx import XlsxWorkbook

        return XlsxWorkbook(file, request)
    from market_regulation.parsers.xls import XlsWorkbook

    return XlsWorkbook(file)


def _the_sheet(workbook: Workbook, glob: str | None) -> str:
    if glob is not None:
        fitting = [sheet.name for sheet in workbook.sheets if fnmatchcase(sheet.name.strip(), glob)]
    else:
        visible = [sheet.name for sheet in workbook.sheets if sheet.is_visible]
        fitting = visible if len(visible) == 1 else [name for name in visible if _is_filled(workbook, name)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(repr(sheet.name) for sheet in workbook.sheets[:20])
    raise GivenUpError(
        f"{len(fitting)} sheets fit format.sheet {glob!r} and one must; sheets: {names}"
        if glob
        else f"{len(fitting)} visible sheets are filled; name one in format.sheet; sheets: {names}"
    )


def _is_filled(workbook: Workbook, name: str) -> bool:
    return any(as_texts(row) for row in workbook.rows(name))


if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it, for half its start-up time
    serve(write_rows)
