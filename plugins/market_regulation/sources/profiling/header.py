"""Which row of a table holds the headings: titles may stand above it, and it may take two rows."""

from collections import Counter
from collections.abc import Callable, Sequence

from market_regulation.sources.profiling.values import KINDS, date_format

Cells = Sequence[str]
SEARCHED = 40  # rows from the top in which the headings are looked for
_LONGEST = 40  # characters; a heading is hardly longer, a title or a remark is


def find_header(rows: Sequence[Cells], known: Callable[[str], bool]) -> int | None:
    """Return the number of the heading row, counted from 1; None where no row looks like one.

    Args:
        rows: The first rows of the table, at least as far as some rows of data.
        known: Tells whether a cell is a heading that has been seen before.
    """
    width = _usual_width(rows)
    scores = [_score(cells, width, known) - 0.02 * index for index, cells in enumerate(rows[:SEARCHED])]
    return scores.index(max(scores)) + 1 if scores and max(scores) > 0 else None


def takes_two_rows(rows: Sequence[Cells], header_row: int, known: Callable[[str], bool]) -> bool:
    """Tell whether the row below the headings completes them: merged cells above, their parts below."""
    if len(rows) <= header_row:
        return False
    upper, lower = padded(rows[header_row - 1], rows[header_row])
    filled = [cell for cell in lower if cell]
    if not filled or any(_is_data(cell) for cell in filled):
        return False
    spanned = any(below and not above for above, below in zip(upper, lower, strict=True))
    return spanned and sum(map(known, filled)) * 2 >= len(filled)


def padded(upper: Cells, lower: Cells) -> tuple[list[str], list[str]]:
    """Return two rows stripped and at the same width; a sheet's rows end with their last filled cell."""
    width = max(len(upper), len(lower))
    above, below = ([*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in (upper, lower))
    return above, below


def _usual_width(rows: Sequence[Cells]) -> int:
    widths = Counter(_filled(cells) for cells in rows if _filled(cells))
    return max(widths, key=lambda width: (widths[width] * width, width), default=1)


def _filled(cells: Cells) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _score(cells: Cells, width: int, known: Callable[[str], bool]) -> float:
    """Known headings speak for a row; values, repeated cells and gaps against it."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(filled) < width / 2 or (width > 1 and len(filled) == 1):
        return -9.0
    share = len(filled)
    recognised = sum(map(known, filled)) / share
    data = sum(map(_is_data, filled)) / share
    repeated = 1 - len(set(filled)) / share
    return 2 * recognised + min(share / width, 1.0) - 2 * data - repeated


def _is_data(cell: str) -> bool:
    text = cell.strip()
    numeric = text.replace(".", "").replace(",", "").replace("-", "").isdigit()
    return numeric or len(text) > _LONGEST or date_format(text) is not None or bool(KINDS["uscc"](text))
