"""What a record is before it has columns: texts, or one text that could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; the message says why in words for its submitter."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read; ``text`` shows it with what cannot be stored written as escapes."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Records that nobody has split yet: lines without line end, without quotes, none empty."""

    texts: list[str]
    delimiter: str

    def split(self) -> Iterator[list[str]]:
        """Yield the cells of each record."""
        return (text.split(self.delimiter) for text in self.texts)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can keep the text as it is: no NUL, no undecodable byte, no replacement character."""
    if "\0" in text or "\ufffd" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def visible(text: str) -> str:
    r"""Return the text without line end; undecodable bytes, NUL and U+FFFD are escapes (``\x81``, ``\x00``)."""
    bytes_shown = "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in text.rstrip("\r\n"))
    shown = bytes_shown.replace("\0", "\\x00").replace("\ufffd", "\\ufffd")
    return shown.encode("utf-8", "backslashreplace").decode()
