"""An unknown table inspected: its headings, what each column holds, and which column of which contract it is."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from market_regulation.sources.contract import Source
from market_regulation.sources.profiling.header import find_header, padded, takes_two_rows
from market_regulation.sources.profiling.headings import bare, plain
from market_regulation.sources.profiling.matching import COUNTING, Guess, Target, concept_targets, match, targets
from market_regulation.sources.profiling.values import Evidence, evidence
from market_regulation.sources.profiling.vocabulary import vocabulary

_FITS = 0.6  # confidence of key columns, and share of required columns, for a file to fit a contract


@dataclass(frozen=True)
class RawTable:
    """A table as it was read, before anyone knows what it is.

    Attributes:
        form: The keys of the profile's ``format`` that the reader found (kind, encoding, delimiter, sheet, …).
        rows: All cells as text, rows above the headings included, at most as many as the reader was asked for.
        complete: The file has no further rows.
        headed: The headings are to be looked for; else the first row holds them (records with named values).
    """

    form: Mapping[str, str | int | None]
    rows: Sequence[Sequence[str]]
    complete: bool
    headed: bool = True


@dataclass(frozen=True)
class Inspected:
    """A table with its headings found.

    Attributes:
        form: As in ``RawTable``, with ``header_row`` (and ``header_rows``) where the format has them.
        headings: In the order of the file; repeated ones once.
        repeated: Headings that occur more than once.
        columns: What each column holds.
        rows: The rows of data, by position of the headings.
        footnotes: Rows at the end with fewer than half the cells filled that rows usually fill; not inspected.
        complete: The file has no further rows.
        headless: No row looks like headings; the first one was taken.
    """

    form: Mapping[str, str | int | None]
    headings: list[str]
    repeated: list[str]
    columns: dict[str, Evidence]
    rows: list[dict[str, str]]
    footnotes: int
    complete: bool
    headless: bool = False

    def unique_headings(self) -> list[str]:
        """Return the columns in which every row has a value of its own: candidates for the key."""
        return [heading for heading in self.headings if self.columns[heading].unique]

    def repeats_of(self, headings: Sequence[str]) -> int:
        """Return how many rows repeat the combined value of ``headings`` of another row."""
        seen = Counter(tuple(row.get(heading, "").strip() for heading in headings) for row in self.rows)
        return sum(count - 1 for count in seen.values())


def inspect(table: RawTable, sources: Iterable[Source]) -> Inspected:
    """Find the headings of a table and inspect its columns.

    Raises:
        ValueError: The table is empty.
    """
    filled = [list(cells) for cells in table.rows]
    if not any(cell.strip() for cells in filled for cell in cells):
        raise ValueError("the table is empty: there is nothing to inspect")
    known = _known_headings(sources)
    header_row = find_header(filled, known) if table.headed else 1
    number = header_row or 1
    form = dict(table.form)
    headings, first = filled[number - 1], number
    if table.headed:
        form["header_row"] = number
        if form.get("kind") in ("xlsx", "xls") and takes_two_rows(filled, number, known):
            form["header_rows"] = 2
            headings, first = _joined(headings, filled[number]), number + 1
    found = _inspected(form, [h.strip() for h in headings], filled[first:], table.complete)
    return found if header_row else replace(found, headless=True)


def best_source(found: Inspected, sources: Sequence[Source]) -> tuple[Source | None, list[Guess]]:
    """Return the contract that the table fits best with its guesses, or None with the vocabulary's guesses."""
    best: tuple[float, Source | None, list[Guess]] = (0.0, None, match(found.columns, concept_targets()))
    for source in sources:
        guesses = match(found.columns, targets(source, (other for other in sources if other is not source)))
        if (fit := fitness(guesses, source)) > best[0]:
            best = (fit, source, guesses)
    return best[1], best[2]


def fitness(guesses: Sequence[Guess], source: Source) -> float:
    """Return how well guesses fill a contract, 0 to 1; 0 where a key column or too many required ones are missing."""
    sure = {guess.column: guess.confidence for guess in guesses if guess.column}
    required = [name for name, column in source.columns.items() if not column.optional]
    key_found = all(sure.get(name, 0) >= _FITS for name in source.key if not source.columns[name].optional)
    share = sum(name in sure for name in required) / max(len(required), 1)
    return sum(sure.get(name, 0) for name in required) / len(required) if key_found and share >= _FITS else 0.0


def _known_headings(sources: Iterable[Source]) -> Callable[[str], bool]:
    known = {form for concept in vocabulary().values() for form in (*concept.headings, *concept.bare_headings)}
    for source in sources:
        among: list[Target] = targets(source, ())
        known.update(form for target in among for form in target.known)
    return lambda cell: plain(cell) in known or bare(cell) in known or plain(cell) in COUNTING


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Join a two-row heading the way the reader of workbooks does: what stands above spans the gaps on its right."""
    above, below = padded(upper, lower)
    for column in range(1, len(above)):
        if not above[column] and below[column] and below[column - 1]:
            above[column] = above[column - 1]
    return ["/".join(dict.fromkeys(part for part in pair if part)) for pair in zip(above, below, strict=True)]


def _inspected(
    form: Mapping[str, str | int | None], headings: list[str], data: list[list[str]], complete: bool
) -> Inspected:
    counted = Counter(heading for heading in headings if heading)
    kept = list(counted)
    fills = Counter(n for cells in data if (n := sum(bool(cell.strip()) for cell in cells)))
    usual = max(fills, key=lambda n: fills[n], default=0)
    data = [cells for cells in data if any(cell.strip() for cell in cells)]
    end = len(data)
    while complete and end and sum(bool(cell.strip()) for cell in data[end - 1]) * 2 < usual:
        end -= 1
    if form.get("kind") in ("xlsx", "xls") and end < len(data):
        form = {**form, "min_cells": (usual + 1) // 2}
    rows = [{h: cell for h, cell in zip(headings, cells, strict=False) if h} for cells in data[:end]]
    columns = {heading: evidence([row.get(heading) for row in rows]) for heading in kept}
    return Inspected(form, kept, [h for h in kept if counted[h] > 1], columns, rows, len(data) - end, complete)
