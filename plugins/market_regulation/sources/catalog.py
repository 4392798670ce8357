"""The source contracts that exist, read from YAML: cheap enough for DAG files, which are parsed all the time."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from market_regulation import settings
from market_regulation.sources.contract import Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(ValueError):
    """A contract or suite is not as it must be; the message names file and key."""


def load_sources() -> list[Source]:
    """Return every contract of ``settings.source_folders()``, sorted by source.

    Raises:
        ContractError: A file is no valid contract, is not named after its source, or a source is declared twice.
    """
    found: dict[str, Source] = {}
    for folder in settings.source_folders():
        for file in sorted(folder.glob("*.yml")):
            source = read_contract(file)
            if earlier := found.get(source.source):
                raise ContractError(f"{file}: source {source.source} is already declared in {earlier.declared_in}")
            found[source.source] = source
    return [found[name] for name in sorted(found)]


def find_source(name: str) -> Source:
    """Return the contract of one source.

    Raises:
        ContractError: No folder declares it.
    """
    sources = {source.source: source for source in load_sources()}
    if name not in sources:
        raise ContractError(f"no source {name!r}; known: {', '.join(sources)} (folders: {settings.source_folders()})")
    return sources[name]


def read_contract(file: Path) -> Source:
    """Read one contract.

    Raises:
        ContractError: The file is no valid contract or is not named after its source.
    """
    document = read_yaml(file)
    try:
        source = Source.model_validate({**document, "declared_in": file.resolve()})
    except ValidationError as error:
        raise ContractError(explain(file, error)) from error
    if file.stem != source.source:
        raise ContractError(f"{file}: source: is {source.source!r}, so the file must be named {source.source}.yml")
    return source


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ContractError: The file cannot be read, is no YAML, or holds no mapping.
    """
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506, the loader is a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(f"{file}: {error}") from error
    if not isinstance(document, dict):
        raise ContractError(f"{file}: must be a mapping of keys to values")
    return document


def explain(file: Path, error: ValidationError) -> str:
    """Say where in ``file`` each problem is, one line per problem."""
    return "\n".join(
        f"{file}: {'.'.join(str(part) for part in problem['loc']) or 'contract'}: {problem['msg']}"
        for problem in error.errors(include_url=False)
    )
