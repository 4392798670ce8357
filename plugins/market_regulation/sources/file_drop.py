"""Files that submitters drop into ``<home>/inbox/<source>/``.

A file is taken once: copied into the store while it is hashed, registered, and only then removed from the inbox.
Names beginning with a dot or ending in ``.part`` belong to copies still under way; links and devices are refused.
"""

import logging
import os
import stat
from pathlib import Path

from market_regulation import settings
from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.named_file import BLOCK, is_finished, keep, open_store, readable

log = logging.getLogger(__name__)


def fetch(source: Source) -> Arrivals:
    """Yield each complete file of the inbox, in name order.

    The caller registers a file before it asks for the next one: that is when the file leaves the inbox.
    """
    folder = settings.inbox() / source.source
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if not is_finished(path.name):
            continue
        arrival = _take(source, path)
        if arrival is not None:
            yield arrival
            path.unlink(missing_ok=True)


def _take(source: Source, path: Path) -> Arrival | None:
    """Copy one file into the store; None when it is no regular file or changes while it is read."""
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
        while store.size <= before.st_size and (block := file.read(BLOCK)):
            store.write(block)
        after = os.fstat(descriptor)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or store.size != after.st_size:
            log.info("%s: %r is still being written, next time", source.source, name)
            return None
        identity = f"{name}|{after.st_size}|{after.st_mtime_ns}|{after.st_ctime_ns}"
        return keep(source, store, f"inbox/{source.source}/{name}", identity)
