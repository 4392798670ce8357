"""``make profile FILE=path [SOURCE=x]``: inspect an unknown file and write a draft profile."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from market_regulation import settings
from market_regulation.commands.profile_report import next_step, print_gaps, print_headings, print_unknown_words, said
from market_regulation.landing.sampling import sample
from market_regulation.quality.suite import InSet, load_suite
from market_regulation.sources.catalog import find_source, load_sources
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import FILE_KINDS
from market_regulation.sources.profiling import names, new_source
from market_regulation.sources.profiling.codes import code_words
from market_regulation.sources.profiling.draft import profile_draft
from market_regulation.sources.profiling.inspection import Inspected, best_source, inspect
from market_regulation.sources.profiling.matching import Guess, match, targets
from market_regulation.sources.profiling.new_suite import suite_draft


def main(arguments: list[str]) -> int:
    """Inspect the file, write the draft, and say what was found and what to do next."""
    parser = argparse.ArgumentParser(prog="profile", description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="file to inspect; it is only read")
    parser.add_argument("--source", help="contract that the file belongs to; without it the best fitting one")
    parser.add_argument("--name", type=_name, help="name of the drafted profile or source, else made from the file's")
    parser.add_argument("--sheet", help="name (or glob) of the sheet, for a workbook with several")
    parser.add_argument("--member", help="name (or glob) of the file, for a zip archive with several")
    chosen = parser.parse_args(arguments)
    if not chosen.file.is_file():
        raise FileNotFoundError(f"no file {str(chosen.file)!r}; say FILE=path")
    file = chosen.file.resolve()  # parsers work from another folder
    sources = load_sources()
    wanted = find_source(chosen.source) if chosen.source else None
    found = inspect(sample(file, sheet=chosen.sheet, member=chosen.member), sources)
    print(f"{file.name}: {said(found)}")
    source, guesses = _matched(found, wanted, sources)
    if source is None:
        _new_source(found, guesses, file, chosen.name or names.source_name(file.name))
    else:
        name = chosen.name or names.identifier(file.name, source.profiles)
        _new_profile(found, guesses, source, sources, file, name)
    return 0


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text):
        raise argparse.ArgumentTypeError("small letters, digits and _ only, a letter first")
    return text


def _matched(found: Inspected, wanted: Source | None, sources: Sequence[Source]) -> tuple[Source | None, list[Guess]]:
    if wanted is None:
        return best_source(found, [source for source in sources if source.fetch.kind in FILE_KINDS])
    others = [source for source in sources if source.source != wanted.source]
    return wanted, match(found.columns, targets(wanted, others))


def _new_profile(
    found: Inspected, guesses: Sequence[Guess], source: Source, sources: Sequence[Source], file: Path, name: str
) -> None:
    codes = code_words(source, [other for other in sources if other is not source], allowed_codes(source))
    text = profile_draft(found, guesses, source, codes, file.name, name)
    draft = _written(settings.home() / "profiles" / f"{source.source}.{name}.yml", text)
    print_headings(found, guesses)
    print_unknown_words(found, guesses, codes)
    print_gaps(guesses, source)
    print(f"\nDraft: {draft}\nNext:")
    print("  1. look through the draft and mend what is marked with ?")
    print(f"  2. copy the profile under `profiles:` in {source.declared_in}")
    print(f"  3. {next_step(source, str(file))}")


def _new_source(found: Inspected, guesses: Sequence[Guess], file: Path, name: str) -> None:
    new = new_source.propose(found, guesses, name)
    folder = settings.home() / "profiles" / new.name
    draft = _written(folder / f"{new.name}.yml", new_source.contract_draft(new, found, file.name))
    suite = _written(folder / "expectations" / f"{new.name}.yml", suite_draft(new))
    folders = os.pathsep.join(filter(None, (os.environ.get("MARKET_REGULATION_SOURCES"), str(folder))))
    print_headings(found, new.guesses)
    print(f"\nIt fits no contract: {new.name} is drafted as a source of its own, key {', '.join(new.key)}.")
    print(f"Contract: {draft}\nSuite:    {suite}\nNext:")
    print("  1. look through both and mend what is marked with ?")
    print("  2. make down, if the platform is up: it reads the folders of contracts when it starts")
    print(f'  3. MARKET_REGULATION_SOURCES="{folders}" make ingest SOURCE={new.name} FILE="{file}"')


def allowed_codes(source: Source) -> dict[str, list[str]]:
    """Return per column the codes that the rules of ``source`` accept."""
    return {rule.column: rule.value_set for rule in load_suite(source).expectations if isinstance(rule, InSet)}


def _written(path: Path, text: str) -> Path:
    """Write a draft; an earlier one, which may have been edited, is kept beside it as ``.old``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        path.replace(path.with_suffix(".old"))
    path.write_text(text, encoding="utf-8")
    return path
