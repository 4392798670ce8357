"""Parser process: the records of one JSON document, a line each."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ijson

from market_regulation.parsers.compact_json import compact
from market_regulation.parsers.container import unpacked
from market_regulation.parsers.process import GivenUpError, Output, Request, serve

DEEPEST = 64


def write_records(request: Request, output: Output) -> None:
    """Write each item of the list at ``records`` as compact JSON on a line of its own; digits stay as they are.

    Raises:
        GivenUpError: The document is broken, nested too deep or ambiguous, or has no such list.
    """
    found = False
    path = request.records

    def watched(events: Iterator[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
        nonlocal found
        for event in events:
            found = found or event[:2] == (path, "start_array")
            yield event

    with unpacked(request, "text") as content:
        try:
            events = watched(ijson.parse(_orderly(ijson.basic_parse(content))))
            for record in ijson.items(events, f"{path}.item" if path else "item"):
                output.write(compact(record, (Decimal, int)).encode("utf-8", "surrogatepass") + b"\n")
        except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
            raise GivenUpError(f"it is no JSON document: {_kind(error)}") from error
    if not found:
        raise GivenUpError(f"it has no list at format.records {path!r}")


def _kind(error: Exception) -> str:
    """Return what is wrong without the piece of the document that the library shows below it: it may be personal."""
    return re.split(r"\n|\\n", str(error).removeprefix("b'"))[0]


def _orderly(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    names: list[set[str]] = []
    for event, value in events:
        if event in ("start_map", "start_array"):
            names.append(set())
            if len(names) > DEEPEST:
                raise GivenUpError(f"it is nested deeper than {DEEPEST} levels")
        elif event in ("end_map", "end_array"):
            names.pop()
        elif event == "map_key":
            if value in names[-1]:
                raise GivenUpError(f"the name {value[:100]!r} stands twice in one object")
            names[-1].add(value)
        yield event, value


if __name__ == "__main__":
    serve(write_records)
