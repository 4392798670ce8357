"""Files that submitters drop into ``<home>/inbox/<source>/``.

A file is taken once: copied into the store while it is hashed, registered, and only then removed from the inbox.
Names beginning with a dot or ending in ``.part`` belong to copies still under way; links and devices are refused.
"""

import fnmatch
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from market_regulation import settings
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source
from market_regulation.sources.store import StoreWriter

log = logging.getLogger(__name__)
BLOCK = 1 << 20


def fetch(source: Source) -> Iterator[Arrival]:
    """Yield each complete file of the inbox, in name order.

    The caller registers a file before it asks for the next one: that is when the file leaves the inbox.
    """
    folder = settings.inbox() / source.source
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(".part"):
            continue
        arrival = _take(source, path)
        if arrival is not None:
            yield arrival
            path.unlink(missing_ok=True)


def profile_for(source: Source, file_name: str) -> str:
    """Return the one profile whose glob fits ``file_name``; a source's only profile fits every file.

    Returns:
        The profile's name, or an empty text when none fits or several do.
    """
    if len(source.profiles) == 1:
        return next(iter(source.profiles))
    globs = {name: profile.files or "*" for name, profile in source.profiles.items()}
    fitting = [name for name, glob in globs.items() if fnmatch.fnmatchcase(file_name, glob)]
    return fitting[0] if len(fitting) == 1 else ""


def _take(source: Source, path: Path) -> Arrival | None:
    """Copy one file into the store; None when it is no regular file or changes while it is read."""
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        log.warning("%s: %r is left in the inbox: %s", source.source, name, error.strerror)
        return None
    profile = profile_for(source, path.name)
    extension = source.profiles[profile].format.kind if profile else "bin"
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        log.warning("%s: %r is left in the inbox: it is no regular file", source.source, name)
        return None
    with os.fdopen(descriptor, "rb", buffering=0) as file, StoreWriter(source.source, extension) as store:
        while block := file.read(BLOCK):
            store.write(block)
        after = os.fstat(descriptor)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or store.size != after.st_size:
            log.info("%s: %r is still being written, next time", source.source, name)
            return None
        return Arrival(
            identity=f"{name}|{after.st_size}|{after.st_mtime_ns}|{after.st_ctime_ns}",
            uri=f"inbox/{source.source}/{name}",
            profile=profile,
            submitter=source.profiles[profile].submitter if profile else "",
            sha256=store.keep(),
            size=store.size,
        )
