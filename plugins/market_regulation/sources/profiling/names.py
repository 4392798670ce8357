"""Names for drafts, made from the name of the inspected file."""

import re
from collections.abc import Container
from pathlib import PurePath

_HASH = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?![0-9a-zA-Z])")
_PACKED = {".gz", ".zip"}


def identifier(file_name: str, taken: Container[str] = ()) -> str:
    """Return the ASCII words of a file name as an identifier that is not taken; ``template`` where it has none."""
    words = re.findall(r"[a-z][a-z0-9]*", _HASH.sub(" ", _stem(file_name).lower()))
    name = "_".join(re.sub(r"[0-9]{3,}$", "", word) for word in words)[:40].strip("_") or "template"
    number = 2
    unused = name
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    return unused


def source_name(file_name: str) -> str:
    """Return a name for a new source: at least two words, the form that contracts ask for."""
    name = re.sub(r"_(?=[0-9])|_+(?=_)", "", identifier(file_name))[:36]
    return name if "_" in name else f"new_{name}"


def glob(file_name: str) -> str:
    """Return a pattern for the files of the same series: what varies (dates and long numbers) becomes ``*``."""
    escaped = re.sub(r"([\[?*])", r"[\1]", file_name)
    escaped = _HASH.sub("*", escaped)
    pattern = re.sub(r"[0-9]{2,4}([-_.年])[0-9]{1,2}([-_.月][0-9]{1,2}日?)?(?![0-9])|[0-9]{4,}", "*", escaped)
    return re.sub(r"\*(\*|[-_.]\*)+", "*", pattern)


def _stem(file_name: str) -> str:
    path = PurePath(file_name)
    while path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    return path.stem
