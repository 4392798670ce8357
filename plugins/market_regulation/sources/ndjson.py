"""Records as NDJSON, one compact JSON object a line in ASCII: how fetched records are kept in the store."""

import json
from json.encoder import encode_basestring_ascii


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def parse(data: bytes) -> object:
    """Read JSON with its numbers as ``Number``.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested too deeply.
    """
    return json.loads(data, parse_int=Number, parse_float=Number, parse_constant=Number)


def line(record: object) -> bytes:
    """Return one record as a line; null and empty text stay different, nothing is reordered."""
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def parsed_line(record: object) -> bytes:
    """Return one record that ``parse`` read as a line; its numbers are written as they were."""
    return _compact(record).encode("ascii") + b"\n"


def _compact(value: object) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring_ascii(k)}:{_compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return json.dumps(value)
