"""When two headings are the same."""

import unicodedata

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def same_heading(heading: str) -> str:
    """Return the form in which headings are compared: half width (NFKC), without any blank or line break."""
    return "".join(unicodedata.normalize("NFKC", heading).translate(INVISIBLE).split())
