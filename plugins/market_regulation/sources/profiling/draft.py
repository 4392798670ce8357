"""The draft of a profile as YAML text, with what was found, and how sure it is, in comments."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from market_regulation.sources.contract import Source
from market_regulation.sources.profiling import names
from market_regulation.sources.profiling.codes import CodeWords, sort_words
from market_regulation.sources.profiling.headings import plain
from market_regulation.sources.profiling.inspection import Inspected
from market_regulation.sources.profiling.matching import COUNTING, Guess
from market_regulation.sources.profiling.values import Evidence
from market_regulation.sources.profiling.yaml_text import comment, flow, scalar


def profile_draft(
    found: Inspected,
    guesses: Sequence[Guess],
    source: Source,
    codes: Mapping[str, CodeWords],
    file_name: str,
    name: str,
) -> str:
    """Return a draft, called ``name``, that goes under ``profiles:`` of the contract of ``source``."""
    lines = [
        f"# Draft of a profile for {source.source}, from {comment(file_name)}: {inspected_rows(found)}.",
        f"# Mend what is marked with ?, then copy the part below `profiles:` into {source.declared_in.name}.",
        "profiles:",
        *profile_lines(name, found, guesses, codes, file_name, {n: c.type for n, c in source.columns.items()}),
        *_missing_columns(guesses, source),
        *_key_notes(found, guesses, source),
        *_rivals(source, name, file_name),
    ]
    return "\n".join(lines) + "\n"


def profile_lines(
    name: str,
    found: Inspected,
    guesses: Sequence[Guess],
    codes: Mapping[str, CodeWords],
    file_name: str,
    types: Mapping[str, str],
) -> Iterator[str]:
    """Yield one profile, indented as it stands under ``profiles:``."""
    by_column = {guess.column: found.columns[guess.heading] for guess in guesses if guess.column}
    yield f"  {name}:"
    yield "    submitter: TODO  # ? full name of who delivers"
    yield f"    files: {flow(names.glob(file_name))}  # ? must fit no other profile's files"
    yield f"    format: {flow(found.form)}"
    yield "    headers:"
    yield from (f"      {line}" for guess in guesses for line in _heading_lines(guess, found.columns[guess.heading]))
    if counting := [guess.heading for guess in guesses if guess.column is None and plain(guess.heading) in COUNTING]:
        yield f"    ignore: {flow(counting)}"
    yield from _dates({c: e for c, e in by_column.items() if types[c] in ("date", "timestamp")})
    yield from _units({g.heading: g.column for g in guesses if g.column and types[g.column] == "amount"}, by_column)
    yield from _null_words(found)
    yield from _lookups(by_column, codes)


def inspected_rows(found: Inspected) -> str:
    """Say how much of a table was inspected, and whether its headings are in doubt."""
    doubt = ", no row looks like headings ?" if found.headless else ""
    return f"{'all' if found.complete else 'the first'} {len(found.rows)} rows inspected{doubt}"


def _heading_lines(guess: Guess, held: Evidence) -> Iterator[str]:
    heading = scalar(guess.heading)
    if guess.column is None:
        if plain(guess.heading) not in COUNTING:
            yield f"# {comment(heading)}: ?  # {guess.reason}; {_filled(held)}; a column, or under ignore"
        return
    also = f"; also {', '.join(guess.also)}? then {flow([guess.column, *guess.also])} and splits" if guess.also else ""
    yield f"{heading}: {guess.column}  # {guess.confidence:.2f} {comment(guess.reason)}; {_filled(held)}{also}"


def _filled(held: Evidence) -> str:
    return f"{held.filled} of {held.rows} filled, {held.different} different"


def _dates(columns: Mapping[str, Evidence]) -> Iterator[str]:
    if not columns:
        return
    total: dict[str, int] = {}
    for held in columns.values():
        for form, rows in held.dates.items():
            total[form] = total.get(form, 0) + rows
    yield f"    dates: {flow(sorted(total, key=lambda form: -total[form]) or ['YYYY-MM-DD'])}"
    for name, held in columns.items():
        forms = ", ".join(f"{form} {rows}" for form, rows in held.dates.most_common())
        unread = held.filled - held.dates.total()
        yield f"    # {name}: {forms or 'no date'}" + (f"; {unread} values in no known format ?" if unread else "")


def _units(headings: Mapping[str, str], columns: Mapping[str, Evidence]) -> Iterator[str]:
    units = {column: "万元" if "万元" in plain(heading) else "元" for heading, column in headings.items()}
    if not units:
        return
    yield f"    units: {flow(units)}"
    for heading, column in headings.items():
        named = columns[column].units
        in_values = ", ".join(f"{rows} values say {unit}" for unit, rows in named.most_common()) or "no value says"
        in_heading = "the heading says so" if "元" in plain(heading) else "the heading does not say ?"
        yield f"    # {column}: {in_heading}; {in_values}"


def _null_words(found: Inspected) -> Iterator[str]:
    total: dict[str, int] = {}
    for held in found.columns.values():
        for word, rows in held.null_words.items():
            total[word] = total.get(word, 0) + rows
    if total:
        counted = ", ".join(f"{word} {rows}" for word, rows in total.items())
        yield f"    null_words: {flow(list(total))}  # cells: {comment(counted)}"


def _lookups(columns: Mapping[str, Evidence], codes: Mapping[str, CodeWords]) -> Iterator[str]:
    yielded = False
    for name in (name for name in codes if name in columns):
        looked_up, unknown = sort_words(columns[name].words, codes[name])
        if not yielded and looked_up:
            yield "    lookups:"
        indent = "      " if looked_up else "    # "
        yielded = yielded or bool(looked_up)
        if looked_up or unknown:
            yield f"{indent}{name}:" if looked_up else f"{indent}lookups: {name}: no word is known"
        for word, code in looked_up.items():
            yield f"        {scalar(word)}: {scalar(code)}  # {columns[name].words[word]} rows"
        for word, rows in unknown.items():
            yield f"        # {comment(scalar(word))}: ?  # {rows} rows, unknown word; one of {_codes(codes[name])}"


def _codes(known: CodeWords) -> str:
    return comment(", ".join(sorted(known.ours)))


def _missing_columns(guesses: Sequence[Guess], source: Source) -> Iterator[str]:
    found = {name for guess in guesses for name in (guess.column, *guess.also)}
    missing = {name: column for name, column in source.columns.items() if name not in found}
    if missing:
        yield "# Columns without a heading. Those that never vary go under constants; the others must be delivered,"
        yield "# unless the contract calls them optional."
    for name, column in missing.items():
        yield f"#   {name}: ?  # {comment(column.title)}{', optional' if column.optional else ''}"


def _key_notes(found: Inspected, guesses: Sequence[Guess], source: Source) -> Iterator[str]:
    heading_of = {guess.column: guess.heading for guess in guesses if guess.column}
    key = [heading_of[name] for name in source.key if name in heading_of]
    if key:
        repeats = found.repeats_of(key)
        yield f"# Key {flow(source.key)}: {repeats or 'no'} rows repeat the key of an earlier row."
    yield f"# Columns in which every row has a value of its own: {comment(flow(found.unique_headings()))}"
    if found.footnotes:
        yield f"# The last {found.footnotes} rows are hardly filled: footnotes? Workbooks: min_cells, footer."
    if found.repeated:
        yield f"# Headings that occur more than once: {comment(flow(found.repeated))}"


def _rivals(source: Source, name: str, file_name: str) -> Iterator[str]:
    """Other profiles that claim the file: it would belong to none of them."""
    for other, profile in source.profiles.items():
        if other != name and fnmatchcase(file_name, profile.files or "*"):
            yield f"# Profile {other} takes files named {flow(profile.files or '*')}, which fits this file too ?"
