"""The encoding of a file whose profile says ``auto``, from all of its bytes."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from market_regulation.landing.records import UnreadableFileError
from market_regulation.sources.profiling.encoding import guess_encoding

BLOCK = 1 << 20
HEAD = 1 << 16
ASCII = bytes(range(128))
ONE_BROKEN_IN = 20
UNDECODED = re.compile("[\udc80-\udcff]")


def detected(file: BinaryIO) -> str:
    """Return the encoding: by byte order mark or NULs, else UTF-8, else GB 18030, whichever all bytes fit.

    Where a few bytes fit neither (at most one in twenty of those beyond ASCII), the one that nearly fits is taken,
    and the rows with those bytes are unreadable.

    Raises:
        UnreadableFileError: It is none of these.
    """
    head = file.read(HEAD)
    guess = guess_encoding(head)
    if guess not in ("utf-8", "gb18030"):
        return guess
    decoders = {name: codecs.getincrementaldecoder(name)("surrogateescape") for name in ("utf-8", "gb18030")}
    broken = dict.fromkeys(decoders, 0)
    beyond_ascii = 0
    for block in _blocks(head, file):
        beyond_ascii += len(block.translate(None, ASCII))
        for name, decoder in decoders.items():
            broken[name] += _undecoded(decoder.decode(block))
    for name, decoder in decoders.items():
        broken[name] += _undecoded(decoder.decode(b"", final=True))
        if broken[name] * ONE_BROKEN_IN <= beyond_ascii:
            return name
    raise UnreadableFileError(
        f"its encoding cannot be told: {broken['utf-8']} bytes are no UTF-8 and {broken['gb18030']} no GB 18030;"
        " name it in format.encoding of the profile"
    )


def _blocks(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield head
    while block := file.read(BLOCK):
        yield block


def _undecoded(text: str) -> int:
    return 0 if text.isascii() else len(UNDECODED.findall(text))
