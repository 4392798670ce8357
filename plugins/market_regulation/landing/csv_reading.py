"""Delimited text as records: streaming, strict, and no record lost.

A record that cannot be read (quoting broken, bytes that are not of the declared encoding, NUL) is handed out as
``Unreadable`` with its text; the records around it are not affected. The file is read in blocks of whole lines: a block
in which nothing is wrong is taken at once, which is what most of every file is; any other is read line by line.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TextIO

from market_regulation.landing.records import Lines, Unreadable, UnreadableFileError, is_storable, visible
from market_regulation.sources.profile import CsvFormat

BLOCK = 1 << 18  # characters
LONGEST_LINE = 1 << 20  # characters; a longer line is cut and unreadable
LONGEST_RECORD = 2 * LONGEST_LINE  # characters; so is a record of more in many lines
SHOWN = 10_000
CUT = "\0\n"  # ends a line that was cut, and makes it unreadable
READ_AGAIN = 1 << 24  # characters of broken records, besides four times those of the file


class _Lines:
    """The file's lines for ``csv.reader``, remembering those of the current record so that they can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: list[str] = []
        self.record: list[str] = []
        self.size = 0
        self._credit = READ_AGAIN

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._line()
        if not line:
            raise StopIteration
        self.record.append(line)
        self.size += len(line)
        if self.size > LONGEST_RECORD:
            raise csv.Error("the record does not end")
        return line

    def block(self) -> str:
        """Return the next whole lines of the file, empty at its end."""
        text = self._file.read(BLOCK)
        self._credit += 4 * len(text)
        if not text or text[-1] == "\n":
            return text
        rest = self._line()
        if not rest.endswith(CUT):
            return text + rest
        whole, newline, begun = text.rpartition("\n")
        return whole + newline + begun[:SHOWN] + CUT

    def read_again(self, block: str) -> None:
        """Hand out the lines of a block one by one."""
        self._again.extend(reversed(io.StringIO(block, newline="").readlines()))

    def are_left(self) -> bool:
        """Tell whether lines of a block wait to be handed out."""
        return bool(self._again)

    def start_record(self) -> None:
        """Forget the lines of the record before."""
        self.record.clear()
        self.size = 0

    def give_up_first(self) -> str:
        """Return the first line of the broken record; its other lines are read again as records of their own.

        Raises:
            UnreadableFileError: That was done so often that the file would cost the square of its size.
        """
        self._credit -= self.size
        if self._credit < 0:
            raise UnreadableFileError(
                "quotes are opened and not closed all over the file; mend it, or quote of its format"
            )
        first, *rest = self.record
        self._again.extend(reversed(rest))
        return first

    def _line(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        self._credit += 4 * len(line)
        if len(line) < LONGEST_LINE or line[-1] == "\n":
            return line
        while (more := self._file.readline(LONGEST_LINE)) and more[-1] != "\n":
            pass
        return line[:SHOWN] + CUT


def csv_records(file: TextIO, form: CsvFormat) -> Iterator[list[str] | Unreadable]:
    """Yield every record of an opened file, the heading rows included; lines with nothing on them are no records."""
    for found in csv_blocks(file, form):
        if isinstance(found, Lines):
            yield from found.split()
        else:
            yield found


def csv_blocks(file: TextIO, form: CsvFormat) -> Iterator[list[str] | Unreadable | Lines]:
    """Yield the same records, those of a block without quotes together."""
    lines = _Lines(file)
    reader = _reader(lines, form)
    while block := lines.block():
        if (records := _sound_records(block, form)) is None:
            lines.read_again(block)
            while lines.are_left():
                yield from _one_record(lines, reader)
        elif isinstance(records, Lines):
            yield records
        else:
            yield from records


def _sound_records(block: str, form: CsvFormat) -> list[list[str]] | Lines | None:
    """Return the records of a block in which every line can be read, else None."""
    if "\r" in block:
        block = block.replace("\r\n", "\n")
    if "\r" in block or not is_storable(block):
        return None
    rows = block.split("\n")
    if max(map(len, rows)) > csv.field_size_limit():
        return None
    if not form.quote or form.quote not in block:
        return Lines([row for row in rows if row], form.delimiter)
    try:
        return [cells for cells in _reader([row + "\n" for row in rows], form) if cells]
    except csv.Error:
        return None


def _one_record(lines: _Lines, reader: Iterator[list[str]]) -> Iterator[list[str] | Unreadable]:
    lines.start_record()
    try:
        cells = next(reader)
    except StopIteration:
        return
    except csv.Error:
        yield Unreadable(visible(lines.give_up_first()))
        return
    text = lines.record[0] if len(lines.record) == 1 else "".join(lines.record)
    if not is_storable(text):
        yield Unreadable(visible(text))
    elif cells:
        yield cells


def _reader(lines: Iterable[str], form: CsvFormat) -> Iterator[list[str]]:
    if form.quote:
        return csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, strict=True)
    return csv.reader(lines, delimiter=form.delimiter, quotechar=None, quoting=csv.QUOTE_NONE, strict=True)
