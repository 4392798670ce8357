"""Payload schemas of all record types, one JSON Schema (2020-12) per channel and record type.

Every part of the feed reads these same files. Beside the standard keywords a schema says what JSON Schema has no word
for: ``x-subject`` (which properties name the subject: code, name), ``x-dates-in-order`` (dates none of which may lie
before the one named before it, nor after the business day), and on a property ``x-immutable`` (never changed by a
CORRECT, domain.md A14), ``x-uscc`` (check character, GB 32100), ``x-free-text`` (searched for personal data, P12),
``x-lenient-date`` (words where a date would be) and ``x-max-bytes`` (length in bytes of GB 18030, P13).
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

_FOLDER = files("market_regulation.disclosure") / "schemas"


@cache
def schema(channel: str, record_type: str) -> dict[str, Any]:
    """Return the schema of a record type's public payload on a channel; do not change it.

    Raises:
        FileNotFoundError: The channel does not carry the record type.
        jsonschema.SchemaError: The file is no valid schema.
    """
    found: dict[str, Any] = json.loads((_FOLDER / channel / f"{record_type}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(found)
    return found


@cache
def validator(channel: str, record_type: str) -> Any:  # noqa: ANN401 - jsonschema makes its validator classes at run time
    """Return the validator of that schema.

    Raises:
        FileNotFoundError: The channel does not carry the record type.
    """
    return Draft202012Validator(schema(channel, record_type))


@cache
def marked(channel: str, record_type: str, mark: str) -> tuple[str, ...]:
    """Return the properties that carry the mark (``x-uscc``, ``x-immutable``, …), in the order of the schema."""
    return tuple(name for name, rule in schema(channel, record_type)["properties"].items() if rule.get(mark))


def record_types(channel: str) -> tuple[str, ...]:
    """Return the record types that the channel carries, in order of their names."""
    folder = _FOLDER / channel
    return tuple(sorted(file.name.removesuffix(".schema.json") for file in folder.iterdir())) if folder.is_dir() else ()


def channels() -> tuple[str, ...]:
    """Return every channel that has schemas, in order of their names."""
    return tuple(sorted(folder.name for folder in _FOLDER.iterdir() if folder.is_dir()))
