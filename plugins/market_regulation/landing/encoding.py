"""The encoding of a file whose profile says ``auto``, from all of its bytes."""

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from market_regulation.landing.records import UnreadableFileError
from market_regulation.sources.profiling.encoding import guess_encoding

BLOCK = 1 << 20
HEAD = 1 << 16
ASCII = bytes(range(128))
ONE_BROKEN_IN = 20
UNDECODED = re.compile("[\udc80-\udcff]")


def detected(opened: Callable[[], AbstractContextManager[BinaryIO]]) -> str:
    """Return the encoding: by byte order mark or NULs, else UTF-8, else GB 18030, whichever all bytes fit.

    Where a few bytes do not fit (at most one in twenty of those beyond ASCII), the rows with them are unreadable.

    Args:
        opened: Opens the file; it is read once, or twice when it is no UTF-8.

    Raises:
        UnreadableFileError: It is none of these.
    """
    with opened() as file:
        guess = guess_encoding(file.read(HEAD))
    if guess not in ("utf-8", "gb18030"):
        return guess
    for name in ("utf-8", "gb18030"):
        with opened() as file:
            if _fits(name, file):
                return name
    raise UnreadableFileError(
        "its encoding cannot be told, it is neither UTF-8 nor GB 18030 nor UTF-16; name it in format.encoding"
    )


def _fits(name: str, file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder(name)("surrogateescape")
    broken = beyond_ascii = 0
    for block in _blocks(file):
        text = decoder.decode(block, final=not block)
        if not text.isascii():
            broken += sum(1 for _ in UNDECODED.finditer(text))
            beyond_ascii += len(block.translate(None, ASCII))
    return broken * ONE_BROKEN_IN <= beyond_ascii


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file's blocks and at its end an empty one."""
    while block := file.read(BLOCK):
        yield block
    yield b""
