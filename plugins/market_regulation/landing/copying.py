"""Rows as PostgreSQL COPY text, in blocks; lines of the file that are rows as they stand are not taken apart."""

import datetime as dt
from collections.abc import Iterator

from market_regulation.landing.reading import Row, Rows
from market_regulation.landing.records import Lines, Unreadable

ROWS_AT_ONCE = 64  # of up to 2 MB each


def copy_blocks(rows: Rows, business_day: dt.date, delivery_id: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of COPY text (business_day, delivery_id, row_no, _raw, columns) with the rows sent so far.

    Rows are numbered from 1 in the order of the file, unreadable ones included. A file without rows yields nothing.
    """
    head, width, sent = f"{business_day}\t{delivery_id}\t", len(rows.columns), 0
    for some in _batches(rows.rows):
        if isinstance(some, Lines):
            block = _lines(some, sent + 1, head)
        else:
            numbered = list(enumerate(some, start=sent + 1))
            block = _as_they_are(numbered, head, width) or "".join(
                [_line(row, no, head, width) for no, row in numbered]
            )
        sent += len(some.texts) if isinstance(some, Lines) else len(some)
        yield block.encode(), sent


def _batches(rows: Iterator[Row | Unreadable | Lines]) -> Iterator[list[Row | Unreadable] | Lines]:
    """Put single rows together; lines with a character that COPY reads otherwise are taken apart."""
    batch: list[Row | Unreadable] = []
    for row in rows:
        if isinstance(row, Lines):
            if batch:
                yield batch
                batch = []
            if _need_no_escape(row):
                yield row
            else:
                yield from _batches(map(tuple, row.split()))
            continue
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _need_no_escape(lines: Lines) -> bool:
    text = "".join(lines.texts)
    return "\\" not in text and (lines.delimiter == "\t" or "\t" not in text)


def _lines(lines: Lines, first: int, head: str) -> str:
    texts = lines.texts
    if lines.delimiter != "\t":
        texts = "\n".join(texts).replace(lines.delimiter, "\t").split("\n")
    return "".join([f"{head}{no}\t\\N\t{text}\n" for no, text in enumerate(texts, first)])


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
