r"""Texts as spreadsheet cells that no program takes for a formula, and back again.

A text that a spreadsheet might calculate (it begins with ``= + - @``, also in full width, or with a tab or line
break, blanks and apostrophes before them not counted) gets one apostrophe in front. What XML cannot carry is written as
``_xHHHH_``, as Excel does it and reads it. Every text that is short enough for a cell comes back as it was.
"""

import re

LONGEST = 32_000  # characters; a cell takes 32,767 units of UTF-16
CUT = "……【原文过长，此处截断】"

_CALCULATED = re.compile(r"[\s']*[=+\-@＝＋－＠\t\r\n]")
_NEUTRALISED = re.compile(r"'[\s']*[=+\-@＝＋－＠\t\r\n]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def to_cell(text: str) -> str:
    """Return a text as it stands in the file, cut and marked with ``CUT`` when it is too long for a cell."""
    if _CALCULATED.match(text):
        text = f"'{text}"
    written = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(written.encode("utf-16-le")) // 2 <= LONGEST:
        return written
    return written[: LONGEST // 2] + CUT


def from_cell(text: str) -> str:
    """Return the text that was received, from what a reader of workbooks (which knows ``_xHHHH_``) finds in a cell."""
    return text[1:] if _NEUTRALISED.match(text) else text
