"""The draft of a whole contract, for a file that belongs to no source yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from market_regulation.sources.profiling.codes import LONGEST_WORD
from market_regulation.sources.profiling.draft import inspected_rows, profile_lines
from market_regulation.sources.profiling.headings import column_name, names_person, plain
from market_regulation.sources.profiling.inspection import Inspected
from market_regulation.sources.profiling.matching import COUNTING, Guess
from market_regulation.sources.profiling.values import Evidence
from market_regulation.sources.profiling.vocabulary import Concept, vocabulary
from market_regulation.sources.profiling.yaml_text import comment, flow, scalar

_SURE = 0.7  # confidence from which a heading takes the vocabulary's name
_HARDLY_MISSING = 0.99  # share of filled rows from which a column may be the key
_REPEATED = 5  # rows per word from which words are shown
_DATED = 0.9  # share of dates from which a column is a date


@dataclass(frozen=True)
class NewColumn:
    """A column of a new contract, as the draft proposes it."""

    name: str
    heading: str
    type: str
    personal: str | None
    optional: bool = False


@dataclass(frozen=True)
class NewSource:
    """A new source: its name, columns and key, and the guesses that map the file's headings to the columns."""

    name: str
    columns: list[NewColumn]
    key: list[str]
    guesses: list[Guess]


def propose(found: Inspected, guesses: Sequence[Guess], name: str) -> NewSource:
    """Return the proposal for a file that fits no contract; ``name`` is what the source is called."""
    taken: set[str] = set()
    columns, named = [], []
    for index, guess in enumerate(guesses, 1):
        if guess.column is None and plain(guess.heading) in COUNTING:
            named.append(guess)
            continue
        known = guess.column if guess.column and guess.confidence >= _SURE else None
        column = _unused(known or column_name(guess.heading) or guess.column or f"column_{index}", taken)
        concept = vocabulary().get(column)
        held = found.columns[guess.heading]
        columns.append(NewColumn(column, guess.heading, _type(held, concept), _personal(guess.heading, held, concept)))
        own = replace(guess, column=column, confidence=0.0, reason="a name of its own", also=[])
        named.append(replace(guess, also=[]) if guess.column == column else own)
    key = _key(found, columns)
    if len(key) > 1:  # where many columns make the key, some may be empty
        columns = [
            replace(c, type="text", optional=True) if c.name in key and _missing(found, c) else c for c in columns
        ]
    return NewSource(name, columns, key, named)


def contract_draft(new: NewSource, found: Inspected, file_name: str) -> str:
    """Return the contract as YAML text; it is valid as it stands, marks (?) show what a person must look at."""
    return (
        "\n".join(
            [
                f"# Draft of a contract, from {comment(file_name)}: {inspected_rows(found)}.",
                "# It is valid as it stands; mend what is marked with ?.",
                f"source: {new.name}",
                "title: TODO  # ?",
                "description: TODO  # ?",
                "publisher: {name: TODO, official: false}  # ?",
                "owner: TODO  # ?",
                "tier: 3",
                "legal_basis: TODO  # ?",
                'schedule: "0 6 * * *"',
                'deadline: "18:00"',
                "fetch: {kind: file_drop}",
                *_key_lines(new, found),
                "columns:",
                *(f"  {column.name}: {flow(_column(column))}" for column in _all_columns(new)),
                "profiles:",
                *profile_lines("first", found, new.guesses, {}, file_name, {c.name: c.type for c in new.columns}),
                *_word_lines(new, found),
                "volume: {min: 1, max: 1000000}  # ?",
                f"freshness: {{column: {_date_column(new)}, warn_days: 30, error_days: 3650}}  # ?",
            ]
        )
        + "\n"
    )


def _unused(name: str, taken: set[str]) -> str:
    unused, number = name, 2
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    taken.add(unused)
    return unused


def _type(held: Evidence, concept: Concept | None) -> str:
    if held.kinds.get("date", 0) >= _DATED and held.longest >= 8:
        return "date"
    if concept and concept.type in ("amount", "code") and (not concept.kind or held.kinds.get(concept.kind, 0) > 0.5):
        return concept.type
    return "text"


def _personal(heading: str, held: Evidence, concept: Concept | None) -> str | None:
    unnamed = "name" if names_person(heading) else None
    return held.personal or (concept.personal if concept else None) or unnamed


def _key(found: Inspected, columns: Sequence[NewColumn]) -> list[str]:
    """One column whose values are all different and hardly ever missing; else two that are so together; else all."""
    usable = [c for c in columns if c.type in ("code", "text", "date") and not c.personal]
    full = [c for c in usable if found.columns[c.heading].filled >= _HARDLY_MISSING * found.columns[c.heading].rows]
    ranked = sorted(full, key=lambda c: (_missing(found, c), c.type != "code", found.columns[c.heading].longest > 60))
    for column in ranked:
        held = found.columns[column.heading]
        if held.filled == held.different:
            return [column.name]
    complete = [column for column in ranked if not _missing(found, column)]
    for pair in combinations(complete[:8], 2):
        if found.repeats_of([column.heading for column in pair]) == 0:
            return [column.name for column in pair]
    return [column.name for column in usable]


def _missing(found: Inspected, column: NewColumn) -> int:
    held = found.columns[column.heading]
    return held.rows - held.filled


def _key_lines(new: NewSource, found: Inspected) -> Iterator[str]:
    headings = {column.name: column.heading for column in new.columns}
    repeats = found.repeats_of([headings[name] for name in new.key])
    empty = max(_missing(found, column) for column in new.columns if column.name in new.key)
    lacking = f", {empty} rows lack it and would be quarantined" if len(new.key) == 1 and empty else ""
    yield f"key: {flow(new.key)}  # ? {repeats or 'no'} rows repeat it{lacking}"
    yield f"# columns in which every row has a value of its own: {comment(flow(found.unique_headings()))}"


def _column(column: NewColumn) -> Mapping[str, object]:
    entry: dict[str, object] = {"type": column.type, "title": comment(column.heading)}
    if column.personal:
        entry["personal"] = column.personal
    if column.type == "amount":
        entry["unit"] = "元"
    if column.optional:
        entry["optional"] = True
    return entry


def _all_columns(new: NewSource) -> Iterator[NewColumn]:
    yield from new.columns
    if _date_column(new) not in {column.name for column in new.columns}:
        yield NewColumn(_date_column(new), "数据日期", "date", None, optional=True)


def _date_column(new: NewSource) -> str:
    """The first date; where the file has none, a column that no delivery has, since freshness needs one."""
    return next((column.name for column in new.columns if column.type == "date"), "as_of")


def _word_lines(new: NewSource, found: Inspected) -> Iterator[str]:
    """Columns of few words, candidates for look-ups and code lists; names and personal columns are left out."""
    for column in new.columns:
        held = found.columns[column.heading]
        few = held.words and held.filled >= _REPEATED * held.different and held.longest <= LONGEST_WORD
        if few and column.type == "text" and not column.personal and "_name" not in column.name:
            listed = ", ".join(f"{scalar(word)} {rows}" for word, rows in held.words.most_common(12))
            yield f"    # words of {column.name}: {comment(listed)}"
