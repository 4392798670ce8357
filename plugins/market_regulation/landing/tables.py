"""Rows of cells with headings above them: finding the headings, and where the table ends."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise, repeat
from operator import itemgetter

from market_regulation.landing.headings import DriftError, has_column, place, targets
from market_regulation.landing.records import Lines, Unreadable, UnreadableFileError
from market_regulation.sources.contract import Source
from market_regulation.sources.headings import same_heading
from market_regulation.sources.profile import CsvFormat, SheetFormat

log = logging.getLogger(__name__)
Row = tuple[str | None, ...]
Record = list[str] | Unreadable
Records = Iterator[Record | Lines]
SEARCHED = 50  # rows
MOST_FOOTNOTES = 100  # rows; more sparse ones in a row are data
FULLEST_FOOTNOTE = 4  # filled cells; or half of the headings, if that is more


def table(
    records: Records, source: Source, profile_name: str, form: CsvFormat | SheetFormat
) -> tuple[list[str], Iterator[Row | Unreadable | Lines]]:
    """Return the columns and rows of a table; lines that are rows as they stand are handed on as they are.

    Raises:
        DriftError: There are no headings, or not those of the profile.
    """
    headings, rest = body(records, source, profile_name, form)
    named = [heading for heading in headings if heading]
    by_heading = iter(targets(source, profile_name, named, complete=True))
    found = [next(by_heading) if heading else [] for heading in headings]
    delimiter = form.delimiter if isinstance(form, CsvFormat) else "\t"
    rest = _padded(one_by_one(rest), len(headings)) if isinstance(form, SheetFormat) else rest
    return [column for columns in found for column in columns], _pick(headings, found, rest, delimiter)


def body(
    records: Records, source: Source, profile_name: str, form: CsvFormat | SheetFormat
) -> tuple[list[str], Records]:
    """Return the headings of a table and the records below them, without footnotes and empty rows.

    Raises:
        DriftError: No heading row can be read where the profile says, or none is found.
    """
    height = form.header_rows if isinstance(form, SheetFormat) else 1
    before = SEARCHED if form.header_row == "auto" else form.header_row - 1
    top, rest = _top(records, before + height)
    row = _heading_row(top[:SEARCHED], height, source, profile_name) if form.header_row == "auto" else form.header_row
    cells = [cells for cells in top[row - 1 : row - 1 + height] if not isinstance(cells, Unreadable)]
    rest = chain(top[row - 1 + height :], rest)
    if len(cells) < height or not any(map(any, cells)):
        raise DriftError(
            f"no heading row can be read in row {row}; look at header_row of {place(source, profile_name)}"
        )
    headings = _joined(cells)
    if isinstance(form, CsvFormat):
        return headings, rest
    return headings, _table_end(one_by_one(rest), form, len(headings))


def one_by_one(records: Records) -> Iterator[Record]:
    """Yield each record of lines that came together."""
    for found in records:
        if isinstance(found, Lines):
            yield from found.split()
        else:
            yield found


def _top(records: Records, count: int) -> tuple[list[Record], Records]:
    """Return the first records one by one, and the others as they come."""
    top: list[Record] = []
    for found in records:
        if isinstance(found, Lines):
            missing = count - len(top)
            top += Lines(found.texts[:missing], found.delimiter).split()
            records = chain([Lines(found.texts[missing:], found.delimiter)], records)
        else:
            top.append(found)
        if len(top) >= count:
            break
    return top, records


def _pick(
    headings: list[str], found: Sequence[list[str]], records: Records, delimiter: str
) -> Iterator[Row | Unreadable | Lines]:
    """Yield the kept cells of each record; a record with other cells than headings is unreadable.

    Lines of which every cell is kept, in its place, are yielded as they are.
    """
    kept = [index for index, columns in enumerate(found) for _ in columns]
    chosen = itemgetter(*kept) if len(kept) > 1 else lambda cells: (cells[kept[0]],)
    blank = [index for index, heading in enumerate(headings) if not heading]
    width = len(headings)
    are_whole = kept == list(range(width))
    for some in records:
        if are_whole and isinstance(some, Lines) and _have_cells(some, width):
            yield some
            continue
        for cells in some.split() if isinstance(some, Lines) else (some,):
            if isinstance(cells, Unreadable):
                yield cells
            elif len(cells) == width and not (blank and any(cells[index] for index in blank)):
                yield chosen(cells)
            else:
                yield Unreadable(delimiter.join(cells))


def _have_cells(lines: Lines, width: int) -> bool:
    return set(map(str.count, lines.texts, repeat(lines.delimiter))) == {width - 1}


def _padded(records: Iterator[Record], width: int) -> Iterator[Record]:
    """Yield the rows of a sheet, in which empty cells at the end are not written, at full width."""
    for cells in records:
        yield cells if isinstance(cells, Unreadable) else cells + [""] * (width - len(cells))


def _heading_row(top: Sequence[Record], height: int, source: Source, profile_name: str) -> int:
    known = []
    for index in range(len(top)):
        cells = [row for row in top[index : index + height] if not isinstance(row, Unreadable)]
        headings = _joined(cells) if len(cells) == height else []
        known.append(sum(has_column(source, profile_name, heading) for heading in headings))
    if max(known, default=0) < 2:
        raise DriftError(
            f"none of the first {len(top)} rows holds two headings of {place(source, profile_name)};"
            " give its number as header_row, or mend headers"
        )
    return known.index(max(known)) + 1


def _joined(rows: list[list[str]]) -> list[str]:
    """Join the headings of several rows from top to bottom; a merged cell holds its text in its first column only."""
    width = max(map(len, rows))
    lines = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    for upper, lower in pairwise(lines):
        for column in range(1, width):
            if not upper[column] and lower[column] and lower[column - 1]:
                upper[column] = upper[column - 1]
    headings = ["/".join(dict.fromkeys(filter(None, parts))) for parts in zip(*lines, strict=True)]
    return [heading if same_heading(heading) else "" for heading in headings]


def _table_end(records: Iterator[Record], form: SheetFormat, width: int) -> Iterator[Record]:
    """Leave empty rows and footnotes out: from ``footer`` on, and sparse rows that no full one follows.

    Raises:
        UnreadableFileError: Behind ``footer`` there is a row too full for a footnote.
    """
    held: list[Record] = []
    are_footnotes = True
    for cells in records:
        filled = _filled(cells)
        if not filled:
            continue
        if form.footer and re.search(form.footer, filled[0]):
            _check_footnotes(filled[0], chain(held, records), max(width // 2, FULLEST_FOOTNOTE))
            return
        full = isinstance(cells, Unreadable) or len(filled) >= form.min_cells
        are_footnotes = full or (are_footnotes and len(held) < MOST_FOOTNOTES)
        held.append(cells)
        if full or not are_footnotes:
            yield from held
            held.clear()
    if held:
        log.info("%d rows at the end have fewer than %d filled cells: footnotes", len(held), form.min_cells)


def _check_footnotes(first: str, records: Iterable[Record], most: int) -> None:
    count = 1
    for cells in records:
        count += 1
        if len(_filled(cells)) > most:
            raise UnreadableFileError(
                f"a full row stands {count - 1} rows behind {first[:20]!r}, which format.footer takes for the end of"
                " the table; mend footer, or ask for one table per sheet"
            )
    log.info("%d rows at the end are footnotes (format.footer)", count)


def _filled(cells: Record) -> list[str]:
    return [cells.text] if isinstance(cells, Unreadable) else [cell for cell in cells if cell.strip()]
