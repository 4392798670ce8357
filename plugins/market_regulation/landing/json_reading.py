"""One JSON object a line as records of texts: numbers as written, nested values as compact JSON, null as None."""

import json
from collections.abc import Iterator
from json.encoder import encode_basestring
from pathlib import Path

from market_regulation.landing.records import Unreadable, is_storable, visible


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def json_records(path: Path) -> Iterator[dict[str, str | None] | Unreadable]:
    """Yield every line of an NDJSON file in UTF-8; a line that is no JSON object is ``Unreadable``."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for line in file:
            try:
                record = json.loads(line, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict) or not is_storable(line):
                yield Unreadable(visible(line))
                continue
            texts = {key: _text(value) for key, value in record.items()}
            if all(value is None or is_storable(value) for value in texts.values()):
                yield texts
            else:
                yield Unreadable(visible(line))


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else _compact(value)


def _compact(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(k)}:{_compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, _Number):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
