"""Return files that come back corrected: their rows are read as the submitter's own, and linked to the rejected ones.

The file's name chooses the profile and speaks of the first delivery; name, sheet and ``landing.delivery`` must agree.
A row stands for the rejected row whose number it carries. A row without number is a further row; one of which the
submitter cleared every cell is not delivered.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psycopg

from market_regulation.landing.deliveries import Delivery
from market_regulation.landing.headings import DriftError
from market_regulation.landing.json_reading import sheet_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.reading import Rows
from market_regulation.landing.records import Unreadable, UnreadableFileError
from market_regulation.landing.tables import Record, table
from market_regulation.quality.returns.cells import CUT, from_cell
from market_regulation.quality.returns.layout import BATCH, OURS, RAW, ROW_NO, SHEETS, sheet_names
from market_regulation.sources.contract import Source
from market_regulation.sources.file_format import SheetFormat
from market_regulation.sources.returned_name import returned

SEARCHED = 50  # rows above the headings
MOST_SHEETS = 100  # of a million rows each
Entry = tuple[str, Record]


def first_delivery(delivery: Delivery) -> int | None:
    """Return the delivery whose rejected rows this one brings back; None when it is no return file."""
    named = returned(delivery.uri.rpartition("/")[2])
    return named[1] if named else None


def read_returned(connection: psycopg.Connection, path: Path, source: Source, delivery: Delivery) -> Rows:
    """Open a stored return file as rows.

    Raises:
        DriftError: Its name, its content and the first delivery do not agree, or its headings are not the profile's.
        UnreadableFileError: It is no workbook that can be read.
    """
    _check_first(connection, source, delivery)
    headings, entries = _entries(path, first_delivery(delivery))
    records: Iterator[Record] = (record for _, record in entries)
    return Rows(*table(_below(headings, records), source, delivery.profile, SheetFormat(kind="xlsx")))


def count_returned(path: Path) -> int:
    """Count the rows of a return file that is not landed; 0 when it cannot be read."""
    try:
        return sum(1 for _ in _entries(path, None)[1])
    except (DriftError, UnreadableFileError):
        return 0


def link_corrections(connection: psycopg.Connection, path: Path, delivery: Delivery) -> None:
    """Write for each landed row of a return file which rejected row it stands for. The caller commits.

    Raises:
        DriftError: A row carries a number that none of the rejected rows has.
    """
    first = first_delivery(delivery)
    _, entries = _entries(path, first)
    with (
        connection.cursor() as cursor,
        cursor.copy("copy landing.correction (delivery_id, row_no, of_delivery_id, of_row_no) from stdin") as copy,
    ):
        for row_no, (of_row, _) in enumerate(entries, start=1):
            if of_row:
                copy.write_row((delivery.delivery_id, row_no, first, _row_number(of_row)))
    wrong = connection.execute(
        "select c.of_row_no from landing.correction as c where c.delivery_id = %s and not exists ("
        " select from quality.quarantine as q where q.delivery_id = c.of_delivery_id and q.row_no = c.of_row_no)"
        " order by c.row_no limit 1",
        (delivery.delivery_id,),
    ).fetchone()
    if wrong:
        raise DriftError(f"{ROW_NO} {wrong[0]}: delivery {first} has no such rejected row; leave this column as it was")


def _check_first(connection: psycopg.Connection, source: Source, delivery: Delivery) -> None:
    named = returned(delivery.uri.rpartition("/")[2])
    profile, first = named or ("", 0)
    found = connection.execute(
        "select source, profile, status from landing.delivery where delivery_id = %s and delivery_id < %s",
        (first, delivery.delivery_id),
    ).fetchone()
    if found is None:
        raise DriftError(f"the file's name speaks of delivery {first}, and there is none; keep the name's ending")
    if found[0] != source.source:
        raise DriftError(f"the file's name speaks of delivery {first}, which is of {found[0]}, not of {source.source}")
    if not found[1] == profile == delivery.profile:
        raise DriftError(f"the file's name speaks of profile {profile}, and delivery {first} has profile {found[1]}")
    if found[2] != "loaded":
        raise DriftError(f"the file's name speaks of delivery {first}, which is {found[2]} and has no rejected rows")


def _entries(path: Path, first: int | None) -> tuple[list[str], Iterator[Entry]]:
    """Return the submitter's headings, and each row with the number it carries ("" for none).

    Raises:
        DriftError: A sheet is not as it was sent, or is not of the delivery ``first`` where one is expected.
    """
    sheets = _sheets(path, first)
    headings, rows = next(sheets)
    return headings, _chained(headings, rows, sheets)


def _chained(
    headings: list[str], rows: Iterator[Entry], sheets: Iterator[tuple[list[str], Iterator[Entry]]]
) -> Iterator[Entry]:
    yield from rows
    for others, more in sheets:
        if others != headings:
            raise DriftError("the sheets have different headings; leave them as they were sent")
        yield from more


def _sheets(path: Path, first: int | None) -> Iterator[tuple[list[str], Iterator[Entry]]]:
    """Yield headings and rows of each sheet; the first sheet says how many there are."""
    names, number = sheet_names(1), 0
    while number < len(names):
        with open_text(path, SheetFormat(kind="xlsx", sheet=names[number])) as file:
            records = sheet_records(file)
            facts, headings = _top(records, names[number])
            if number == 0:
                _check_batch(facts, first)
                names = sheet_names(_sheet_count(facts.get(SHEETS, "1")))
            ours = len(OURS) + (RAW in headings[len(OURS) : len(OURS) + 1])
            yield headings[ours:], _rows(records, ours, len(headings))
        number += 1


def _top(records: Iterator[Record], sheet: str) -> tuple[dict[str, str], list[str]]:
    """Return what stands above the headings, by label, and the headings."""
    facts: dict[str, str] = {}
    for cells in islice(records, SEARCHED):
        if isinstance(cells, Unreadable):
            continue
        if tuple(cells[: len(OURS)]) == OURS:
            return facts, cells
        if len(cells) > 1:
            facts[cells[0]] = cells[1]
    raise DriftError(f"sheet {sheet}: no row begins with {', '.join(OURS)}; leave the first columns as they were sent")


def _check_batch(facts: dict[str, str], first: int | None) -> None:
    if first is not None and facts.get(BATCH) != str(first):
        raise DriftError(f"{BATCH} in the file is {facts.get(BATCH, 'missing')}, and its name speaks of {first}")


def _sheet_count(text: str) -> int:
    """Read how many sheets the first one says there are: more than we ever write would only be work for nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > MOST_SHEETS:
        raise DriftError(f"{SHEETS} {text[:50]!r}: 1 to {MOST_SHEETS} can be; leave this cell as it was sent")
    return int(text)


def _rows(records: Iterator[Record], ours: int, width: int) -> Iterator[Entry]:
    for record in records:
        if isinstance(record, Unreadable):
            yield "", record
            continue
        cells = record + [""] * (width - len(record))
        row_no, raw, theirs = cells[0].strip(), cells[len(OURS) : ours], [from_cell(cell) for cell in cells[ours:]]
        if any(cell.endswith(CUT) for cell in cells[len(OURS) :]):
            yield row_no, Unreadable("\t".join(theirs))
        elif any(cell.strip() for cell in theirs):
            yield row_no, theirs
        elif any(cell.strip() for cell in raw):
            yield row_no, Unreadable(from_cell(raw[0]))


def _row_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise DriftError(f"{ROW_NO} {text[:50]!r} is no row number; leave this column as it was sent")
    return int(text)


def _below(headings: list[str], records: Iterator[Record]) -> Iterator[Record]:
    yield headings
    yield from records
