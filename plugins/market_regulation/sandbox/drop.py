"""Files as submitters drop them: their own headings and encoding, under a temporary name until complete."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from market_regulation import settings
from market_regulation.sandbox.dirt import Line
from market_regulation.sources.file_drop import rest


class BadRow(NamedTuple):
    """A line of the answer key's ``bad_rows.csv``; ``row_no`` counts data rows from 1."""

    source: str
    file: str
    row_no: int
    rule_id: str


class WarnedRow(BadRow):
    """A line of ``warned_rows.csv``: the row is accepted, and the rule counts it."""


@dataclass(frozen=True)
class Template:
    """How a submitter writes its file.

    Attributes:
        headings: Heading as written -> canonical column; a column named ``""`` holds what nobody keeps.
        encoding: Python name of the encoding.
        delimiter: Field delimiter.
        line_end: Line terminator.
        words: Column -> canonical word -> the submitter's word.
    """

    headings: Mapping[str, str]
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def line(self, line: Line, row_no: int) -> list[str]:
        """The fields in the order of the headings; a ragged line lacks its last field or has one too many."""
        fields = {**line.fields, "": str(row_no)}
        for column, words in self.words.items():
            fields[column] = words.get(fields[column], fields[column])
        written = [fields[column] for column in self.headings.values()]
        return {"whole": written, "short": written[:-1], "long": [*written, "多余"]}[line.shape]


def drop(source: str, file: str, template: Template, lines: Iterable[Line]) -> Iterator[BadRow]:
    """Write a CSV file into the inbox of ``source`` and yield the rows planted to be rejected or warned of.

    The file appears under its name when it is complete, so nobody reads half of it; it does so when the last
    bad row has been taken.
    """
    with _appearing(settings.inbox() / source / file, template.encoding) as out:
        writer = csv.writer(out, delimiter=template.delimiter, lineterminator=template.line_end)
        writer.writerow(template.headings)
        for row_no, line in enumerate(lines, start=1):
            writer.writerow(template.line(line, row_no))
            if line.rule_id:
                yield (WarnedRow if line.warned else BadRow)(source, file, row_no, line.rule_id)


@contextmanager
def _appearing(path: Path, encoding: str) -> Iterator[IO[str]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("w", encoding=encoding, newline="") as out:
        yield out
    rest(temporary)
    temporary.replace(path)
