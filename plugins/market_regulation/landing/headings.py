"""Where the cells under each heading belong, and what to say when the headings are not those of the profile."""

from collections.abc import Sequence
from difflib import get_close_matches

from market_regulation.sources.contract import Source
from market_regulation.sources.headings import same_heading

MOST_NAMED = 10
LIKENESS = 0.5


class DriftError(ValueError):
    """The delivery's headings are not those of its profile."""


def has_column(source: Source, profile_name: str, heading: str) -> bool:
    """Tell whether the cells under a heading belong to a column."""
    same = same_heading(heading)
    return same in source.profiles[profile_name].targets or same in source.columns


def targets(source: Source, profile_name: str, headings: Sequence[str], *, complete: bool) -> list[list[str]]:
    """Return for each heading the columns that get its cells; none where it is read and not kept.

    Args:
        source: The contract.
        profile_name: Name of the profile.
        headings: As they stand in the file.
        complete: These are all headings of the delivery, so that each required column must be among them.

    Raises:
        DriftError: Unknown, missing or repeated headings; the message names them, a likely renaming and the profile.
    """
    profile = source.profiles[profile_name]
    known = profile.targets
    found: list[list[str]] = []
    unknown = []
    for heading in headings:
        same = same_heading(heading)
        if same not in known and same not in source.columns and not profile.ignores(same):
            unknown.append(heading)
        # A heading that ignore holds letter by letter differs from one of headers by its blanks alone.
        dropped = heading.strip() in profile.ignore or (profile.ignores(same) and same not in known)
        found.append([] if dropped else known.get(same, [same]))
    missing = missing_columns(source, profile_name, {column for columns in found for column in columns})
    problems = []
    if unknown:
        problems.append(f"unknown headings {_named(unknown)}")
    if missing and complete:
        problems.append(f"missing columns {_named([_with_heading(source, profile_name, c) for c in missing])}")
    problems += _renamed(source, profile_name, unknown, missing)
    problems += [] if unknown else _repeated(headings, found)
    if problems:
        raise DriftError("; ".join([*problems, _advice(source, profile_name)]))
    return found


def check_complete(source: Source, profile_name: str, present: set[str]) -> None:
    """Refuse a delivery that lacks a required column.

    Raises:
        DriftError: With the missing columns and their headings.
    """
    if missing := missing_columns(source, profile_name, present):
        named = _named([_with_heading(source, profile_name, column) for column in missing])
        raise DriftError(f"missing columns {named}; {_advice(source, profile_name)}")


def missing_columns(source: Source, profile_name: str, present: set[str]) -> list[str]:
    """Return the columns that a delivery must have and that are not ``present``."""
    required = {name for name, column in source.columns.items() if not column.optional}
    return sorted(required - present - set(source.profiles[profile_name].constants))


def place(source: Source, profile_name: str) -> str:
    """Say where the profile stands."""
    return f"profile {profile_name} in {source.declared_in.name}"


def _advice(source: Source, profile_name: str) -> str:
    return f"mend headers, ignore or format of {place(source, profile_name)}, or ask for the file to be corrected"


def _written(source: Source, profile_name: str) -> dict[str, str]:
    """The heading under which the profile expects each column."""
    headers = source.profiles[profile_name].headers
    return {
        column: heading
        for heading, columns in headers.items()
        for column in ([columns] if isinstance(columns, str) else columns)
    }


def _with_heading(source: Source, profile_name: str, column: str) -> str:
    return f"{column} ({_written(source, profile_name).get(column, column)})"


def _renamed(source: Source, profile_name: str, unknown: Sequence[str], missing: Sequence[str]) -> list[str]:
    written = _written(source, profile_name)
    names = {name: c for c in missing for name in (c, source.columns[c].title, written.get(c, c))}
    hints = []
    for heading in unknown[:MOST_NAMED]:
        if close := get_close_matches(heading[:100], names, n=1, cutoff=LIKENESS):
            column = names[close[0]]
            hints.append(f"heading {heading[:100]!r} is unknown and column {column} ({close[0]}) is missing: renamed?")
    return hints


def _repeated(headings: Sequence[str], found: Sequence[list[str]]) -> list[str]:
    by_column: dict[str, list[str]] = {}
    for heading, columns in zip(headings, found, strict=True):
        for column in columns:
            by_column.setdefault(column, []).append(heading)
    return [f"headings {_named(which)} all lead to {column}" for column, which in by_column.items() if len(which) > 1]


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:100]) for name in names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown
