"""What ``make profile`` prints of an inspected file: headings, shares and code words, never other values."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import FILE_KINDS, ExchangeTable, FileDrop, HttpApi, ObjectStore, Sftp
from market_regulation.sources.profiling.codes import CodeWords, sort_words
from market_regulation.sources.profiling.draft import inspected_rows
from market_regulation.sources.profiling.inspection import Inspected
from market_regulation.sources.profiling.matching import Guess

_KIND_SHOWN = {"amount": "number", "document_no": "document number", "identity": "identity number"}
_SHOWN = 0.2  # share of the values from which a kind is named


def said(found: Inspected) -> str:
    """Return the format and the size of a table in one line."""
    form = ", ".join(f"{key} {value!r}" for key, value in found.form.items())
    return f"{form}; {len(found.headings)} headings; {inspected_rows(found)}"


def print_headings(found: Inspected, guesses: Sequence[Guess]) -> None:
    """Print one line per heading: column, confidence, share of filled cells, what the values look like."""
    print(f"\n{'heading':24}{'column':24}{'sure':>5}  {'filled':>7}  what the values are")
    for guess in guesses:
        held = found.columns[guess.heading]
        shares = sorted(held.kinds.items(), key=lambda kind: -kind[1])
        kinds = ", ".join(f"{_KIND_SHOWN.get(kind, kind)} {share:.0%}" for kind, share in shares if share >= _SHOWN)
        print(
            f"{_wide(guess.heading)}{(guess.column or '–'):24}{guess.confidence:5.2f}  "
            f"{held.filled / max(held.rows, 1):7.0%}  {kinds or f'{held.different} different'}"
        )
    if found.repeated:
        print(f"\nheadings that occur more than once, only one of which can be kept: {', '.join(found.repeated)}")


def print_unknown_words(found: Inspected, guesses: Sequence[Guess], codes: Mapping[str, CodeWords]) -> None:
    """Print the words of code columns that no look-up knows, with their rows."""
    for guess in guesses:
        if guess.column and guess.column in codes:
            _, unknown = sort_words(found.columns[guess.heading].words, codes[guess.column])
            if unknown:
                print(f"unknown words of {guess.column}: {', '.join(f'{w} ({n})' for w, n in unknown.items())}")


def print_gaps(guesses: Sequence[Guess], source: Source) -> None:
    """Print what the profile of ``source`` would still lack."""
    named = {column for guess in guesses for column in (guess.column, *guess.also)}
    missing = [name for name, column in source.columns.items() if not column.optional and name not in named]
    if missing:
        print(f"\nrequired columns of {source.source} without a heading: {', '.join(missing)}")
    if source.fetch.kind not in FILE_KINDS:
        print(f"\n{source.source} is fetched by {source.fetch.kind}: its contract takes no files, format and files go.")


def next_step(source: Source, file: str) -> str:
    """Return what to do to have ``file`` taken in by its source."""
    run = f"make ingest SOURCE={source.source}"
    match source.fetch:
        case FileDrop():
            return f'{run} FILE="{file}"'
        case Sftp() as sftp:
            return f"put the file into {sftp.folder} on {sftp.host}, then: {run}"
        case ObjectStore() as store:
            return f"put the file into the bucket {store.bucket} with a key that begins {store.prefix!r}, then: {run}"
        case HttpApi() as api:
            return f"have the records offered at {api.url}, then: {run}"
        case ExchangeTable() as exchange:
            return f"have the rows written into {exchange.table}, then: {run}"
        case other:
            assert_never(other)


def _wide(heading: str) -> str:
    """Pad to 24 columns of the terminal, in which a Chinese character takes two."""
    text = " ".join(heading.split())
    while (width := sum(1 + (ord(character) > 0x2E7F) for character in text)) > 23:
        text = text[:-1]
    return text + " " * (24 - width)
