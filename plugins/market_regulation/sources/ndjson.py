"""Records as NDJSON, one compact JSON object a line in ASCII: how fetched records are kept in the store."""

import json
from json.encoder import encode_basestring_ascii


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class Repeated(tuple[tuple[str, object], ...]):
    """The members of a JSON object in which a name stands twice."""

    __slots__ = ()


def parse(data: bytes) -> object:
    """Read JSON with its numbers as ``Number`` and an object in which a name stands twice as ``Repeated``.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested too deeply.
    """
    return json.loads(data, object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number)


def _object(members: list[tuple[str, object]]) -> dict[str, object] | Repeated:
    found = dict(members)
    return found if len(found) == len(members) else Repeated(members)


def line(record: object) -> bytes:
    """Return one record as a line; null and empty text stay different, nothing is reordered."""
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def parsed_line(record: object) -> bytes:
    """Return one record that ``parse`` read as a line, with its numbers and all members as they came.

    Raises:
        RecursionError: It is nested too deeply.
    """
    return _compact(record).encode("ascii") + b"\n"


def _compact(value: object) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, dict | Repeated):
        members = value.items() if isinstance(value, dict) else value
        return "{" + ",".join(f"{encode_basestring_ascii(k)}:{_compact(v)}" for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return json.dumps(value)
