"""Rows as PostgreSQL COPY text, in blocks; about three times as fast as one call per row."""

import datetime as dt
from collections.abc import Iterator

from market_regulation.landing.reading import Rows
from market_regulation.landing.records import Unreadable

BLOCK = 1 << 16  # characters


def copy_blocks(rows: Rows, business_day: dt.date, delivery_id: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of COPY text (business_day, delivery_id, row_no, _raw, columns) with the rows sent so far.

    Rows are numbered from 1 in the order of the file, unreadable ones included. A file without rows yields nothing.
    """
    head = f"{business_day}\t{delivery_id}\t"
    separators = len(rows.columns) - 1
    no_cells = "\t".join(["\\N"] * len(rows.columns))
    block: list[str] = []
    size = row_no = 0
    for row_no, row in enumerate(rows.rows, start=1):
        if isinstance(row, Unreadable):
            line = f"{head}{row_no}\t{_escaped(row.text)}\t{no_cells}\n"
        else:
            line = f"{head}{row_no}\t\\N\t{_cells(row, separators)}\n"
        block.append(line)
        size += len(line)
        if size > BLOCK:
            yield "".join(block).encode(), row_no
            block.clear()
            size = 0
    if block:
        yield "".join(block).encode(), row_no


def _cells(row: tuple[str | None, ...], separators: int) -> str:
    if None not in row:
        line = "\t".join(row)  # type: ignore[arg-type]
        if line.count("\t") == separators and "\\" not in line and "\n" not in line and "\r" not in line:
            return line
    return "\t".join("\\N" if cell is None else _escaped(cell) for cell in row)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
