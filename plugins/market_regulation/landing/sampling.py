"""A file of unknown format read as a table of texts, for a person who has yet to write its profile.

The format is found by trying what the content can be: a workbook, JSON, delimited text, each also inside zip or gz.
The parsers are those that land deliveries, with the same limits.
"""

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, TextIO, TypeVar

import ijson

from market_regulation.landing.csv_reading import csv_records
from market_regulation.landing.json_reading import bounded_lines, json_records, sheet_records
from market_regulation.landing.opening import open_text
from market_regulation.landing.records import Unreadable, UnreadableFileError
from market_regulation.parsers.container import file_type
from market_regulation.sources.profile import CsvFormat, JsonFormat, NdjsonFormat, SheetFormat
from market_regulation.sources.profiling.delimiter import guess_delimiter, guess_quote
from market_regulation.sources.profiling.inspection import RawTable

ROWS = 20_000  # inspected at most
CHARACTERS = 1 << 25  # after which no further row is inspected
HEAD = 1 << 18  # characters from which the format is told
DEEPEST = 64  # levels of a JSON document
_Record = TypeVar("_Record", list[str] | Unreadable, dict[str, str | None] | Unreadable)


def sample(path: Path, *, sheet: str | None = None, member: str | None = None, rows: int = ROWS) -> RawTable:
    """Return the first rows of a file with the format they were read in; an unreadable row is empty.

    Args:
        path: The file.
        sheet: Glob on the sheet's name, needed where a workbook has several filled sheets.
        member: Glob on the member's name, needed where a zip archive holds several files.
        rows: How many rows are read at most.

    Raises:
        UnreadableFileError: It is neither text nor a workbook, or a sheet or member must be named.
    """
    with path.open("rb") as file:
        outer = file_type(file.read(8))
    if outer == "ole":
        return _sheet(path, sheet, member, rows)
    try:
        return _text(path, member, rows)
    except UnreadableFileError as no_text:
        if outer not in ("zip", "gz"):
            raise
        try:
            return _sheet(path, sheet, member, rows)
        except UnreadableFileError as no_workbook:
            raise (no_workbook if "sheets" in str(no_workbook) else no_text) from no_workbook


def _sheet(path: Path, sheet: str | None, member: str | None, rows: int) -> RawTable:
    kind: Literal["xls", "xlsx"] = "xls" if path.suffix.lower() == ".xls" else "xlsx"
    with open_text(path, SheetFormat(kind=kind, sheet=sheet, member=member)) as file:
        found, complete = _taken(sheet_records(file), rows)
    return RawTable(_stated({"kind": kind, "sheet": sheet, "member": member}), _cells(found), complete)


def _text(path: Path, member: str | None, rows: int) -> RawTable:
    with open_text(path, CsvFormat(kind="csv", encoding="auto", member=member)) as file:
        encoding, head = file.encoding, file.read(HEAD)
    whole_lines = head if len(head) < HEAD else head[: head.rfind("\n") + 1] or head
    if head.lstrip()[:1] in ("{", "["):
        return _json(path, member, head, rows)
    delimiter = guess_delimiter(whole_lines)
    form = CsvFormat(
        kind="csv", encoding=encoding, delimiter=delimiter, quote=guess_quote(whole_lines, delimiter), member=member
    )
    with open_text(path, form) as file:
        found, complete = _taken(csv_records(file, form), rows)
    stated: dict[str, str | int | None] = {"kind": "csv", "encoding": encoding, "delimiter": delimiter}
    if form.quote != '"':
        stated["quote"] = form.quote
    return RawTable(stated | _stated({"member": member}), _cells(found), complete)


def _json(path: Path, member: str | None, head: str, rows: int) -> RawTable:
    form: NdjsonFormat | JsonFormat = NdjsonFormat(kind="ndjson", member=member)
    stated = _stated({"kind": "ndjson", "member": member})
    if not _is_ndjson(head):
        with open_text(path, form) as file:
            place = records_path(file)
        form = JsonFormat(kind="json", records=place, member=member)
        stated = _stated({"kind": "json", "records": place, "member": member})
    with open_text(path, form) as file:
        lines = (line for line in islice(bounded_lines(file), 200) if isinstance(line, str))
        opened = frozenset(name for line in lines for name in _objects(line))
    with open_text(path, form) as file:
        found, complete = _taken(json_records(file, opened), rows)
    records = [record for record in found if not isinstance(record, Unreadable)]
    headings = list(dict.fromkeys(name for record in records for name in record))
    cells = [[record.get(name) or "" for name in headings] for record in records]
    return RawTable(stated, [headings, *cells], complete, headed=False)


def records_path(file: TextIO) -> str:
    """Return the dotted path to the first list of objects in a JSON document; empty where the document is the list.

    Raises:
        UnreadableFileError: It has no list of objects, or is no JSON.
    """
    lists: list[str] = []
    content = _Bytes(file)
    try:
        for prefix, event, _ in ijson.parse(_shallow(ijson.basic_parse(content))):
            if event == "start_array":
                lists.append(prefix)
            elif event == "start_map" and lists and prefix == (f"{lists[-1]}.item" if lists[-1] else "item"):
                return lists[-1]
    except ijson.JSONError as error:
        where = f"its first {content.characters} characters"  # the parser's own message would show them
        raise UnreadableFileError(f"it begins like JSON and is none, {where} hold an error") from error
    raise UnreadableFileError("it is JSON without a list of objects")


def _shallow(events: Iterator[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """Pass events on down to a depth; below it the name of a place would grow with each level."""
    depth = 0
    for event, value in events:
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
        if depth > DEEPEST:
            raise UnreadableFileError(f"it is nested deeper than {DEEPEST} levels")
        yield event, value


class _Bytes:
    """Opened text as the bytes that ijson reads."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.characters = 0

    def read(self, size: int) -> bytes:
        text = self._file.read(size)
        self.characters += len(text)
        return text.encode("utf-8", "replace")


def _is_ndjson(head: str) -> bool:
    """Tell whether each line is an object; a single object is a document where it holds a list of objects."""
    first, _, rest = head.lstrip().partition("\n")
    try:
        if not isinstance(json.loads(first), dict):
            return False
        return bool(rest.strip()) or records_path(io.StringIO(first)) is None
    except UnreadableFileError:
        return True
    except (ValueError, RecursionError):
        return False


def _objects(line: str, limit: int = 6) -> set[str]:
    """Return the dotted names of the objects inside one record, ``limit`` levels deep."""
    try:
        level = {"": json.loads(line)}
    except (ValueError, RecursionError):
        return set()
    names: set[str] = set()
    for _ in range(limit):
        level = {
            f"{prefix}.{key}" if prefix else key: value
            for prefix, record in level.items()
            if isinstance(record, dict)
            for key, value in record.items()
            if isinstance(value, dict)
        }
        names |= level.keys()
    return names


def _taken(records: Iterator[_Record], rows: int) -> tuple[list[_Record], bool]:
    """Return the first records, within the bounds of rows and characters, and whether they are all."""
    found: list[_Record] = []
    size = 0
    for record in records:
        if len(found) == rows or size > CHARACTERS:
            return found, False
        found.append(record)
        size += _size(record)
    return found, True


def _size(record: list[str] | dict[str, str | None] | Unreadable) -> int:
    if isinstance(record, Unreadable):
        return len(record.text)
    return sum(len(text or "") for text in (record.values() if isinstance(record, dict) else record))


def _cells(records: list[list[str] | Unreadable]) -> list[list[str]]:
    return [[] if isinstance(cells, Unreadable) else cells for cells in records]


def _stated(form: dict[str, str | None]) -> dict[str, str | int | None]:
    return {key: value for key, value in form.items() if value is not None}
