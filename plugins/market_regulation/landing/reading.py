"""Records of a stored file as rows of the contract's columns.

The headings decide where each cell goes. A heading that the profile does not know, or a column that the delivery
lacks, is drift of the template: the delivery is refused with the headings and the profile to mend, never guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from market_regulation.landing.csv_reading import csv_records
from market_regulation.landing.json_reading import json_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.records import Unreadable
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import CsvFormat

Row = tuple[str | None, ...]


class DriftError(ValueError):
    """The delivery's headings are not those of its profile."""


@dataclass(frozen=True)
class Rows:
    """The rows of one file: ``columns`` names the cells of each row, in order."""

    columns: list[str]
    rows: Iterator[Row | Unreadable]


def read_rows(path: Path, source: Source, profile_name: str) -> Rows:
    """Open a stored file as rows.

    Raises:
        DriftError: The headings do not fit the profile (for JSON: raised while the rows are read).
    """
    form = source.profiles[profile_name].format
    if isinstance(form, CsvFormat):
        return _csv_rows(path, source, profile_name, form)
    columns = list(source.columns)
    return Rows(columns, _json_rows(path, source, profile_name, columns))


def count_rows(path: Path, source: Source, profile_name: str) -> int:
    """Count the rows of a file that is not landed; without a profile its lines but the first that are not empty."""
    if not profile_name:
        with path.open("rb") as file:
            return max(sum(1 for line in file if line.strip()) - 1, 0)
    form = source.profiles[profile_name].format
    if isinstance(form, CsvFormat):
        return max(sum(1 for _ in _csv_file(path, form)) - form.header_row, 0)
    return sum(1 for _ in json_records(path))


def _csv_file(path: Path, form: CsvFormat) -> Iterator[list[str] | Unreadable]:
    with open_text(path, form) as file:
        yield from csv_records(file, form)


def _csv_rows(path: Path, source: Source, profile_name: str, form: CsvFormat) -> Rows:
    records = _csv_file(path, form)
    headings: list[str] | Unreadable | None = None
    for _ in range(form.header_row):
        headings = next(records, None)
    if headings is None or isinstance(headings, Unreadable):
        raise DriftError(f"no heading row can be read in row {form.header_row}; look at profile {profile_name}")
    targets = _targets(source, profile_name, [heading.strip() for heading in headings])
    _check_complete(source, profile_name, {target for target in targets if target})
    kept = [index for index, target in enumerate(targets) if target]
    return Rows([str(targets[index]) for index in kept], _pick(records, len(headings), kept, form.delimiter))


def _pick(
    records: Iterator[list[str] | Unreadable], width: int, kept: list[int], delimiter: str
) -> Iterator[Row | Unreadable]:
    pick = itemgetter(*kept) if len(kept) > 1 else lambda cells: (cells[kept[0]],)
    for cells in records:
        if isinstance(cells, Unreadable):
            yield cells
        elif len(cells) == width:
            yield pick(cells)
        else:
            yield Unreadable(delimiter.join(cells))


def _targets(source: Source, profile_name: str, headings: list[str]) -> list[str | None]:
    """Return for each heading its column, or None where it is read and not kept."""
    profile = source.profiles[profile_name]
    unknown = [h for h in headings if h not in profile.headers and h not in source.columns and h not in profile.ignore]
    if unknown:
        raise DriftError(f"unknown headings {unknown}; add them to headers or ignore of {_place(source, profile_name)}")
    targets = [None if h in profile.ignore else profile.headers.get(h, h) for h in headings]
    if twice := sorted({t for t in targets if t and targets.count(t) > 1}):
        raise DriftError(f"more than one heading for {twice}; mend headers of {_place(source, profile_name)}")
    return targets


def _check_complete(source: Source, profile_name: str, present: set[str]) -> None:
    profile = source.profiles[profile_name]
    required = {name for name, column in source.columns.items() if not column.optional}
    if missing := sorted(required - present - set(profile.constants)):
        written = {column: heading for heading, column in profile.headers.items()}
        names = [f"{column} ({written.get(column, column)})" for column in missing]
        raise DriftError(f"missing columns {', '.join(names)}; mend {_place(source, profile_name)}")


def _place(source: Source, profile_name: str) -> str:
    return f"profile {profile_name} in {source.declared_in.name}"


def _json_rows(path: Path, source: Source, profile_name: str, columns: list[str]) -> Iterator[Row | Unreadable]:
    known: dict[str, str | None] = {}
    for record in json_records(path):
        if isinstance(record, Unreadable):
            yield record
            continue
        if not known.keys() >= record.keys():
            new = [key for key in record if key not in known]
            known |= dict(zip(new, _targets(source, profile_name, new), strict=True))
        by_column = {known[key]: value for key, value in record.items()}
        yield tuple(by_column.get(column) for column in columns)
    if known:
        _check_complete(source, profile_name, {target for target in known.values() if target})
