"""``make ingest SOURCE=x``: run the DAG of one source."""

import argparse
import os
import shutil
from pathlib import Path

from market_regulation import settings
from market_regulation.commands.profile_report import next_step
from market_regulation.commands.trigger import add_common_options, run_dag
from market_regulation.embedded import postgres
from market_regulation.landing.rerun import retry
from market_regulation.sources.catalog import find_source
from market_regulation.sources.contract import Source
from market_regulation.sources.file_drop import rest
from market_regulation.sources.named_file import is_finished
from market_regulation.sources.returned_name import returned


def main(arguments: list[str]) -> int:
    """Put a file into the inbox, or take a delivery up again, if one is given; then run ``ingest__<source>``."""
    parser = argparse.ArgumentParser(prog="ingest", description=__doc__)
    parser.add_argument("--source", required=True, choices=_sources(), help="name of a contract")
    parser.add_argument("--file", type=Path, help="file to copy into the inbox first")
    parser.add_argument("--retry", type=int, metavar="DELIVERY_ID", help="blocked or failed delivery to judge again")
    add_common_options(parser)
    chosen = parser.parse_args(arguments)
    if chosen.file is not None:
        drop(chosen.file, chosen.source)
    if chosen.retry is not None:
        take_up_again(chosen.source, chosen.retry)
    return run_dag(f"ingest__{chosen.source}", chosen.date, chosen.follow)


def drop(file: Path, source: str) -> None:
    """Copy ``file`` into the inbox of ``source``, where it appears whole or not at all.

    Raises:
        ValueError: The source takes no such file from its inbox.
        FileNotFoundError: There is no such file.
        FileExistsError: Another file of this name waits in the inbox.
    """
    _check(file.name, find_source(source))
    folder = settings.inbox() / source
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{os.getpid()}.part"
    try:
        shutil.copyfile(file, unfinished)
        rest(unfinished)
        (folder / file.name).hardlink_to(unfinished)
    except FileExistsError:
        then = f"let it be taken first (make ingest SOURCE={source}), or give yours another name"
        raise FileExistsError(f"{folder} holds a file {file.name!r} that waits to be taken. Next: {then}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{file.name} put into {folder}")


def _check(name: str, source: Source) -> None:
    if not is_finished(name):
        raise ValueError(f"{name!r} is named like a copy under way and would not be read. Next: give it another name")
    if source.fetch.kind != "file_drop" and not returned(name):
        raise ValueError(
            f"{source.source} is fetched by {source.fetch.kind} and takes only return files (*.return-<number>.xlsx)"
            f" from its inbox, not {name!r}. Next: {next_step(source, name)}"
        )


def take_up_again(source: str, delivery_id: int) -> None:
    """Let the next run judge a blocked or failed delivery again; starts the embedded PostgreSQL when it is down.

    Raises:
        LookupError: The source has no such delivery.
        ValueError: It cannot be judged again.
    """
    if not postgres.is_running():
        postgres.start()
    retry(find_source(source), delivery_id)
    print(f"delivery {delivery_id} of {source} is taken up again")


def _sources() -> list[str]:
    return sorted(path.stem for folder in settings.source_folders() for path in folder.glob("*.yml"))
