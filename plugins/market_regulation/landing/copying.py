"""Rows as PostgreSQL COPY text, in blocks; lines of the file that are rows as they stand are not taken apart."""

import datetime as dt
from collections.abc import Iterator

from market_regulation.landing.reading import Row, Rows
from market_regulation.landing.records import Lines, Unreadable

ROWS_AT_ONCE = 64  # of up to 2 MB each
DELIMITERS = frozenset("\t,;|")  # those of files that COPY is told to read as they are


def copy_delimiter(rows: Rows) -> str:
    """Return the delimiter of the COPY text of ``rows``."""
    return rows.delimiter if rows.delimiter in DELIMITERS else "\t"


def copy_blocks(rows: Rows, business_day: dt.date, delivery_id: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of COPY text (business_day, delivery_id, row_no, _raw, columns) with the rows sent so far.

    Rows are numbered from 1 in the order of the file, unreadable ones included. A file without rows yields nothing.
    """
    text = _CopyText(copy_delimiter(rows), f"{business_day}", f"{delivery_id}", len(rows.columns))
    sent = 0
    for some in _batches(rows.rows, text.delimiter):
        if isinstance(some, Lines):
            block, count = text.lines(some, sent + 1), len(some.texts)
        else:
            block, count = text.rows(list(enumerate(some, start=sent + 1))), len(some)
        sent += count
        yield block.encode(), sent


def _batches(rows: Iterator[Row | Unreadable | Lines], delimiter: str) -> Iterator[list[Row | Unreadable] | Lines]:
    """Put single rows together; lines with a character that COPY reads otherwise are taken apart."""
    batch: list[Row | Unreadable] = []
    for row in rows:
        if isinstance(row, Lines):
            if batch:
                yield batch
                batch = []
            if row.delimiter == delimiter and not any("\\" in text for text in row.texts):
                yield row
            else:
                yield from _batches(map(tuple, row.split()), delimiter)
            continue
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


class _CopyText:
    """COPY text of one delivery: the first columns of each row, and how its cells are written."""

    def __init__(self, delimiter: str, business_day: str, delivery_id: str, width: int) -> None:
        self.delimiter = delimiter
        self._head = f"{business_day}{delimiter}{delivery_id}{delimiter}"
        self._readable = f"{delimiter}\\N{delimiter}"
        self._width = width

    def lines(self, lines: Lines, first: int) -> str:
        """Return lines of the file, whose cells need no escape, as rows numbered from ``first``."""
        head, readable = self._head, self._readable
        return "".join([f"{head}{no}{readable}{text}\n" for no, text in enumerate(lines.texts, first)])

    def rows(self, numbered: list[tuple[int, Row | Unreadable]]) -> str:
        """Return numbered rows."""
        return self._as_they_are(numbered) or "".join([self._row(row, no) for no, row in numbered])

    def _as_they_are(self, numbered: list[tuple[int, Row | Unreadable]]) -> str | None:
        """Return the block if no cell of it is missing or needs an escape, seen from the characters it has."""
        head, readable, joined = self._head, self._readable, self.delimiter.join
        try:
            block = "".join([f"{head}{no}{readable}{joined(row)}\n" for no, row in numbered])  # type: ignore[arg-type]
        except TypeError:  # a cell is None, or a row is unreadable
            return None
        rows = len(numbered)
        separators, backslashes, ends = block.count(self.delimiter), block.count("\\"), block.count("\n")
        sound = separators == rows * (self._width + 3) and backslashes == ends == rows and "\r" not in block
        return block if sound else None

    def _row(self, row: Row | Unreadable, row_no: int) -> str:
        if isinstance(row, Unreadable):
            nothing = f"{self.delimiter}\\N" * self._width
            return f"{self._head}{row_no}{self.delimiter}{self._escaped(row.text)}{nothing}\n"
        cells = self.delimiter.join("\\N" if cell is None else self._escaped(cell) for cell in row)
        return f"{self._head}{row_no}{self._readable}{cells}\n"

    def _escaped(self, text: str) -> str:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        return text.replace(self.delimiter, "\\t" if self.delimiter == "\t" else f"\\{self.delimiter}")
