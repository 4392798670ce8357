"""One JSON object a line as records of texts: numbers as written, nested values as compact JSON, null as None."""

import json
from collections.abc import Iterator
from typing import TextIO

from market_regulation.landing.records import Unreadable, is_storable, visible
from market_regulation.parsers.compact_json import compact
from market_regulation.sources.ndjson import Number

LONGEST_LINE = 1 << 20  # characters; a longer line is cut and unreadable
SHOWN = 10_000


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a name stands twice in one object")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number)


def json_records(file: TextIO, opened: frozenset[str] = frozenset()) -> Iterator[dict[str, str | None] | Unreadable]:
    """Yield every line of opened NDJSON; a blank one is no record.

    A line that is no JSON object, or in which a name stands twice, is ``Unreadable``.

    Args:
        file: The lines.
        opened: Dotted names of objects whose members are records' own: ``sample`` makes ``sample.no`` a name. Null in
            place of such an object says nothing of its members.
    """
    for line in bounded_lines(file):
        if isinstance(line, Unreadable):
            yield line
            continue
        texts = _texts(line, opened)
        if texts is not None and all(value is None or is_storable(value) for value in texts.values()):
            yield texts
        elif line.strip():
            yield Unreadable(visible(line))


def sheet_records(file: TextIO) -> Iterator[list[str] | Unreadable]:
    """Yield the rows that the workbook parser writes, empty ones as ``[]``."""
    for line in bounded_lines(file):
        if isinstance(line, Unreadable):
            yield line
            continue
        cells = json.loads(line)
        text = cells if isinstance(cells, str) else "".join(cells)
        if isinstance(cells, str) or not is_storable(text):
            yield Unreadable(visible(cells if isinstance(cells, str) else "\t".join(cells)))
        else:
            yield cells


def bounded_lines(file: TextIO) -> Iterator[str | Unreadable]:
    """Yield lines; one of more than a million characters is unreadable and shown by its beginning."""
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line[-1] == "\n":
            yield line
            continue
        while (more := file.readline(LONGEST_LINE)) and more[-1] != "\n":
            pass
        yield Unreadable(visible(line[:SHOWN]) + " …")


def _texts(line: str, opened: frozenset[str]) -> dict[str, str | None] | None:
    """Return the members of a line's object as texts; None when it is no object or nested beyond reading."""
    try:
        record = _DECODER.decode(line)
        if not isinstance(record, dict) or not is_storable(line):
            return None
        return {name: _text(value) for name, value in _members(record, opened, "")}
    except (ValueError, RecursionError):
        return None


def _members(record: dict[str, object], opened: frozenset[str], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in record.items():
        name = prefix + key
        if name in opened and isinstance(value, dict):
            yield from _members(value, opened, f"{name}.")
        elif name not in opened or value is not None:
            yield name, value


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else compact(value, Number)
