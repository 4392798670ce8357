"""Delimited text as records: streaming, strict, and no record lost.

A record that cannot be read (quoting broken, bytes that are not of the declared encoding, NUL) is handed out as
``Unreadable`` with its text; the records around it are not affected.
"""

import csv
from collections.abc import Iterator
from typing import TextIO

from market_regulation.landing.records import Unreadable, UnreadableFileError, is_storable, visible
from market_regulation.sources.profile import CsvFormat

LONGEST_LINE = 1 << 20  # characters; a longer line is cut and unreadable
LONGEST_RECORD = 2 * LONGEST_LINE  # characters; so is a record of more in many lines
SHOWN = 10_000
READ_AGAIN = 1 << 26  # characters of broken records, besides four times those of the file


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
        if self._again:
            line = self._again.pop()
        else:
            line = self._file.readline(LONGEST_LINE)
            self._credit += 4 * len(line)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE and line[-1] != "\n":
            line = self._cut(line)
        self.record.append(line)
        self.size += len(line)
        if self.size > LONGEST_RECORD:
            raise csv.Error("the record does not end")
        return line

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

    def _cut(self, line: str) -> str:
        while (more := self._file.readline(LONGEST_LINE)) and more[-1] != "\n":
            pass
        return line[:SHOWN] + "\0\n"


def csv_records(file: TextIO, form: CsvFormat) -> Iterator[list[str] | Unreadable]:
    """Yield every record of an opened file, the heading rows included; lines with nothing on them are no records."""
    lines = _Lines(file)
    quoting = csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, quoting=quoting, strict=True)
    while True:
        lines.start_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Unreadable(visible(lines.give_up_first()))
            continue
        text = lines.record[0] if len(lines.record) == 1 else "".join(lines.record)
        if not is_storable(text):
            yield Unreadable(visible(text))
        elif cells:
            yield cells
