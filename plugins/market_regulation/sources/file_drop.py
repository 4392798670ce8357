"""Files that submitters drop into ``<home>/inbox/<source>/``.

A file is taken once: copied into the store while it is hashed, registered, and only then removed from the inbox, if it
is still the file that was read. Names beginning with a dot or ending in ``.part`` belong to copies still under way, and
so may a file whose last change is young; links and devices are refused. Of a source that is fetched by another road the
inbox takes return files, which come back by this one.
"""

import logging
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from market_regulation import settings
from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import FileDrop
from market_regulation.sources.named_file import BLOCK, is_finished, keep, open_store, readable
from market_regulation.sources.returned_name import returned

log = logging.getLogger(__name__)
LONGEST_PAUSE = 30  # seconds that a run waits for young files; younger ones are for the next run
LONG_RESTED = 2 * 3600  # seconds, more than any contract asks for


def fetch(source: Source) -> Arrivals:
    """Yield each file of the inbox that is whole, in name order; one that is about to be whole is waited for.

    The caller registers a file before it asks for the next one: that is when the file leaves the inbox.
    """
    inbox = source.fetch if isinstance(source.fetch, FileDrop) else FileDrop(kind="file_drop")
    folder = settings.inbox() / source.source
    folder.mkdir(parents=True, exist_ok=True)
    _pause(source, folder, inbox.settle_seconds)
    for path in sorted(folder.iterdir()):
        if not is_finished(path.name):
            continue
        if source.fetch is not inbox and not returned(path.name):
            refused = f"{source.source} is fetched by {source.fetch.kind}, its inbox takes return files only"
            log.warning("%s: %r is left in the inbox: %s", source.source, readable(path.name), refused)
            continue
        taken = _take(source, path, inbox.settle_seconds)
        if taken is not None:
            arrival, found = taken
            yield arrival
            _remove(source, path, found)


def rest(path: Path) -> None:
    """Date the last change of a file back, so that it is taken at once; for a file that is known to be whole."""
    changed = time.time() - LONG_RESTED
    os.utime(path, (changed, changed))


def _pause(source: Source, folder: Path, settle_seconds: int) -> None:
    """Wait until the files that only lack some seconds of rest have it, once."""
    soon: dict[str, float] = {}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            found = path.lstat()
            seconds = _missing_rest(found, settle_seconds)
            if is_finished(path.name) and stat.S_ISREG(found.st_mode) and 0 < seconds <= settle_seconds:
                soon[readable(path.name)] = seconds
    pause = max((seconds for seconds in soon.values() if seconds <= LONGEST_PAUSE), default=0.0)
    if pause:
        log.info("%s: %s may still be written to, waiting %.1f s", source.source, sorted(soon), pause)
        time.sleep(pause)


def _missing_rest(found: os.stat_result, settle_seconds: int) -> float:
    """Return the seconds until the last change of a file is old enough; zero or less when it is."""
    return settle_seconds - (time.time() - found.st_mtime) if settle_seconds else 0.0


def _take(source: Source, path: Path, settle_seconds: int) -> tuple[Arrival, os.stat_result] | None:
    """Copy one file into the store; None when it is no regular file, is young or changes while it is read."""
    name = readable(path.name)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        log.warning("%s: %r is left in the inbox: %s", source.source, name, error.strerror)
        return None
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        log.warning("%s: %r is left in the inbox: it is no regular file", source.source, name)
        return None
    with os.fdopen(descriptor, "rb", buffering=0) as file, open_store(source, name) as store:
        if (seconds := _missing_rest(before, settle_seconds)) > 0:
            log.warning(
                "%s: %r waits in the inbox for the next run: it was changed less than %d s ago%s",
                source.source, name, settle_seconds, " or in the future" if seconds > settle_seconds else "",
            )  # fmt: skip
            return None
        while store.size <= before.st_size and (block := file.read(BLOCK)):
            store.write(block)
        after = os.fstat(descriptor)
        if not _is_same(before, after) or store.size != after.st_size:
            log.warning("%s: %r waits in the inbox for the next run: it is still being written", source.source, name)
            return None
        identity = f"{name}|{after.st_size}|{after.st_mtime_ns}|{after.st_ctime_ns}"
        return keep(source, store, f"inbox/{source.source}/{name}", identity), after


def _remove(source: Source, path: Path, taken: os.stat_result) -> None:
    """Remove a registered file, unless its name belongs to another one by now or more was written to it."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return
    if _is_same(taken, now):
        path.unlink(missing_ok=True)
    else:
        name = readable(path.name)
        log.warning("%s: %r was replaced or changed after it was read, the next run takes it", source.source, name)


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Tell whether two looks at a name found the same file with the same content."""
    return (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) == (
        other.st_dev, other.st_ino, other.st_size, other.st_mtime_ns,
    )  # fmt: skip
