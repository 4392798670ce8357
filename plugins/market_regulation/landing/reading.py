"""Records of a stored file as rows of the contract's columns.

The headings decide where each cell goes. A heading that the profile does not know, or a column that the delivery
lacks, is drift of the template: the delivery is refused with the headings and the profile to mend, never guessed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from market_regulation.landing.csv_reading import csv_blocks
from market_regulation.landing.headings import DriftError, check_complete, targets
from market_regulation.landing.json_reading import json_records, sheet_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.records import Lines, Unreadable, UnreadableFileError
from market_regulation.landing.tables import Records, Row, body, one_by_one, table
from market_regulation.parsers.container import file_type
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import CsvFormat, JsonFormat, NdjsonFormat, SheetFormat

__all__ = ["DriftError", "Row", "Rows", "UnreadableFileError", "count_rows", "read_rows"]
BLOCK = 1 << 20


@dataclass(frozen=True)
class Rows:
    """The rows of one file: ``columns`` names the cells of each row, in order; some may come together as lines.

    ``delimiter`` is that of the lines.
    """

    columns: list[str]
    rows: Iterator[Row | Unreadable | Lines]
    delimiter: str = "\t"


def read_rows(path: Path, source: Source, profile_name: str) -> Rows:
    """Open a stored file as rows.

    Raises:
        DriftError: The headings do not fit the profile (for JSON: raised while the rows are read).
        UnreadableFileError: The file as a whole cannot be read (also raised while or after the rows are read).
    """
    form = source.profiles[profile_name].format
    if isinstance(form, CsvFormat | SheetFormat):
        delimiter = form.delimiter if isinstance(form, CsvFormat) else "\t"
        return Rows(*table(_records(path, form), source, profile_name, form), delimiter)
    columns = list(source.columns)
    return Rows(columns, _json_rows(path, source, profile_name, form, columns))


def count_rows(path: Path, source: Source, profile_name: str) -> int:
    """Count the rows of a file that is not landed, up to where it can be read.

    Without a profile, or with one that the contract has lost, its lines but the first that are not empty count, and
    none of a packed or binary file.
    """
    if profile_name not in source.profiles:
        return _count_lines(path)
    form = source.profiles[profile_name].format
    if not isinstance(form, CsvFormat | SheetFormat):
        return _count(_json_file(path, source, profile_name, form))
    try:
        _, records = body(_records(path, form), source, profile_name, form)
    except DriftError:  # no headings: whatever is filled and not the title
        return max(_count(record for record in one_by_one(_records(path, form)) if record) - 1, 0)
    except UnreadableFileError:
        return 0
    return _count(one_by_one(records))


def _count(records: Iterator[object]) -> int:
    count = 0
    with suppress(UnreadableFileError):
        for _ in records:
            count += 1
    return count


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        if file_type(file.read(8)):
            return 0
        file.seek(0)
        filled = False
        count = 0
        while block := file.readline(BLOCK):
            filled = filled or bool(block.strip())
            if block.endswith(b"\n"):
                count += filled
                filled = False
    return max(count + filled - 1, 0)


def _records(path: Path, form: CsvFormat | SheetFormat) -> Records:
    with open_text(path, form) as file:
        yield from csv_blocks(file, form) if isinstance(form, CsvFormat) else sheet_records(file)


def _json_file(
    path: Path, source: Source, profile_name: str, form: NdjsonFormat | JsonFormat
) -> Iterator[dict[str, str | None] | Unreadable]:
    profile = source.profiles[profile_name]
    names = [name.split(".") for name in [*profile.headers, *profile.ignore]]
    opened = frozenset(".".join(parts[:length]) for parts in names for length in range(1, len(parts)))
    with open_text(path, form) as file:
        yield from json_records(file, opened)


def _json_rows(
    path: Path, source: Source, profile_name: str, form: NdjsonFormat | JsonFormat, columns: list[str]
) -> Iterator[Row | Unreadable]:
    known: dict[str, list[str]] = {}
    present: set[str] = set()
    for record in _json_file(path, source, profile_name, form):
        if isinstance(record, Unreadable):
            yield record
            continue
        if not known.keys() >= record.keys():
            names = [*known, *(key for key in record if key not in known)]
            known = dict(zip(names, targets(source, profile_name, names, complete=False), strict=True))
            present = {column for found in known.values() for column in found}
        by_column = {column: value for key, value in record.items() for column in known[key]}
        yield tuple(by_column.get(column) for column in columns)
    if known:
        check_complete(source, profile_name, present)
