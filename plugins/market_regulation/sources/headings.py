"""When two headings are the same."""

import unicodedata

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def same_heading(heading: str) -> str:
    """Return the form in which headings are compared: half width (NFKC), without any blank or line break."""
    return _without_blanks(_without_blanks(heading))  # what stood on both sides of a blank may make one character


def _without_blanks(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).translate(INVISIBLE).split())
