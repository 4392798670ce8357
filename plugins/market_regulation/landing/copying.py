"""Rows as PostgreSQL COPY text, in blocks; about three times as fast as one call per row."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from market_regulation.landing.reading import Row, Rows
from market_regulation.landing.records import Unreadable

ROWS_AT_ONCE = 64  # of up to 2 MB each


def copy_blocks(rows: Rows, business_day: dt.date, delivery_id: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of COPY text (business_day, delivery_id, row_no, _raw, columns) with the rows sent so far.

    Rows are numbered from 1 in the order of the file, unreadable ones included. A file without rows yields nothing.
    """
    head, width, sent = f"{business_day}\t{delivery_id}\t", len(rows.columns), 0
    while some := list(islice(rows.rows, ROWS_AT_ONCE)):
        numbered = list(enumerate(some, start=sent + 1))
        block = _as_they_are(numbered, head, width) or "".join([_line(row, no, head, width) for no, row in numbered])
        sent += len(some)
        yield block.encode(), sent


def _as_they_are(numbered: list[tuple[int, Row | Unreadable]], head: str, width: int) -> str | None:
    """Return the block if no cell of it is missing or needs an escape, which is seen from the characters it has."""
    try:
        block = "".join([f"{head}{no}\t\\N\t{_tabbed(row)}\n" for no, row in numbered])  # type: ignore[arg-type]
    except TypeError:  # a cell is None, or a row is unreadable
        return None
    rows = len(numbered)
    separators, backslashes, ends = block.count("\t"), block.count("\\"), block.count("\n")
    sound = separators == rows * (width + 3) and backslashes == ends == rows and "\r" not in block
    return block if sound else None


_tabbed = "\t".join


def _line(row: Row | Unreadable, row_no: int, head: str, width: int) -> str:
    if isinstance(row, Unreadable):
        return f"{head}{row_no}\t{_escaped(row.text)}" + "\t\\N" * width + "\n"
    cells = "\t".join("\\N" if cell is None else _escaped(cell) for cell in row)
    return f"{head}{row_no}\t\\N\t{cells}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
