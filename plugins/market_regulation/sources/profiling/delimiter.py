"""The delimiter and the quotation mark of a delimited text."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

DELIMITERS = (",", "\t", ";", "|", "^", "\x01", "，", "~")


def guess_delimiter(text: str) -> str:
    """Return the delimiter that cuts most lines of ``text`` into the same number of cells; a comma if none does."""
    scores = {delimiter: _agreement(text, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0.0, 0) else ","


def guess_quote(text: str, delimiter: str) -> str | None:
    """Return the mark in which cells are quoted; None where marks are part of the text.

    A double quote counts as quotation mark also where no cell is quoted, since that is what writers do by default.
    """
    edge = f"(?:^|{re.escape(delimiter)})"
    end = f"(?={re.escape(delimiter)}|\r?$)"
    quoted = {
        mark: len(re.findall(f"{edge}{mark}[^{mark}]*{mark}{end}", text, flags=re.MULTILINE)) for mark in ('"', "'")
    }
    if quoted['"'] >= quoted["'"]:
        loose = len(re.findall(f'{edge}"[^"\n]*$', text, flags=re.MULTILINE)) + text.count('"') % 2
        return None if loose and not quoted['"'] else '"'
    return "'"


def rows_of(text: str, delimiter: str, quote: str | None) -> Iterator[list[str]]:
    """Cut a text into rows of cells; a line that cannot be cut is one cell."""
    lines = io.StringIO(text, newline="")
    if quote is None:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield [str(error)]


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    """Share of rows with the most usual number of cells (more than one), then that number."""
    widths = Counter(len(cells) for cells in rows_of(text, delimiter, '"') if cells)
    width = max(widths, key=lambda count: widths[count] * (count > 1), default=1)
    return (widths[width] / widths.total(), width) if width > 1 else (0.0, 0)
