"""Files that arrive under a name of the submitter's choice, by whatever road: which are whole, whose they are.

The name is data: it chooses the profile and is shown, it never becomes part of a path of ours.
"""

import fnmatch

from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source
from market_regulation.sources.returned_name import returned
from market_regulation.sources.store import StoreWriter

BLOCK = 1 << 20


def is_finished(name: str) -> bool:
    """Tell whether a name can be that of a whole file: copies under way begin with a dot or end in ``.part``."""
    return not name.startswith(".") and not name.endswith(".part")


def readable(name: str) -> str:
    """Return a file name as text: bytes that are no UTF-8 (surrogates) are read as GB18030, or shown as escapes."""
    raw = name.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def profile_for(source: Source, file_name: str) -> str:
    """Return the profile that a return file's name speaks of, else the one whose glob fits ``file_name``.

    A source's only profile fits every file.

    Returns:
        The profile's name, or an empty text when none fits or several do.
    """
    again = returned(file_name)
    if again and again[0] in source.profiles:
        return again[0]
    if len(source.profiles) == 1:
        return next(iter(source.profiles))
    globs = {name: profile.files or "*" for name, profile in source.profiles.items()}
    fitting = [name for name, glob in globs.items() if fnmatch.fnmatchcase(file_name, glob)]
    return fitting[0] if len(fitting) == 1 else ""


def open_store(source: Source, name: str) -> StoreWriter:
    """Return a writer for a file called ``name``; its extension is the profile's format, ``bin`` without one."""
    profile = profile_for(source, name)
    extension = source.profiles[profile].format.kind if profile else "bin"
    return StoreWriter(source.source, extension)


def keep(source: Source, store: StoreWriter, uri: str, identity: str) -> Arrival:
    """Keep a file that is complete in ``store``; the last part of ``uri`` is its name."""
    profile = profile_for(source, uri.rpartition("/")[2])
    return Arrival(
        identity=identity,
        uri=uri,
        profile=profile,
        submitter=source.profiles[profile].submitter if profile else "",
        sha256=store.keep(),
        size=store.size,
    )
