"""The encoding of a text whose sender did not say it."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def guess_encoding(head: bytes) -> str:
    """Return the name of the encoding that the first bytes of a file are written in.

    A byte order mark decides; else NULs at every other place are UTF-16 (ASCII marks and digits occur in every
    table); else what is UTF-8 is that; everything else is GB 18030, of which GBK and GB 2312 are parts. The last
    character may be cut; a few stray NULs or broken bytes (one in twenty) do not make another encoding of a file.

    Args:
        head: The first bytes, some ten thousand if there are as many; nothing at all counts as UTF-8.

    Returns:
        ``utf-8-sig``, ``utf-8``, ``utf-16``, ``utf-16-le``, ``utf-16-be``, ``utf-32`` or ``gb18030``.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    return _utf16_without_mark(head) or ("utf-8" if _is_utf8(head) else "gb18030")


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 has its NULs on one side: the high byte of ASCII characters, at least one pair in fifty."""
    at_even, at_odd = head[::2].count(0), head[1::2].count(0)
    if at_even + at_odd < max(len(head) // 100, 1):
        return None
    if at_odd > 20 * at_even:
        return "utf-16-le"
    return "utf-16-be" if at_even > 20 * at_odd else None


def _is_utf8(head: bytes) -> bool:
    """Tell whether the bytes beyond ASCII are UTF-8; GB 18030 read as UTF-8 is broken nearly everywhere."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    return broken * 20 <= sum(byte > 0x7F for byte in head)
