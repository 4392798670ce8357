"""Ways to break a value that a row rule must catch."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from market_regulation.identifiers import USCC_ALPHABET, make_uscc

NO_DATE = "2026-02-30"
NO_REGION = "999999"
BLANK = "\u3000 "


class Defect(NamedTuple):
    """A rule and the change to a good row that breaks it and no other rule that rejects a row."""

    rule_id: str
    changes: Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def broken(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of ``row`` with the defect."""
        return {**row, **(self.changes(row) if callable(self.changes) else self.changes)}


def wrong_check(code: str) -> str:
    """The USCC with another check character."""
    return code[:-1] + USCC_ALPHABET[(USCC_ALPHABET.index(code[-1]) + 7) % len(USCC_ALPHABET)]


def wrong_inside(code: str) -> str:
    """The USCC with another check character of its 组织机构代码, and its own check character right again."""
    return make_uscc(code[:16] + ("0" if code[16] != "0" else "1"))


def registered_nowhere(code: str) -> str:
    """The USCC with a division that no edition of GB/T 2260 has, and its check character right again."""
    return make_uscc(code[:2] + NO_REGION + code[8:17])


def look_alike(code: str) -> str:
    """The USCC with a letter O typed for its first digit 0."""
    return code.replace("0", "O", 1)


def full_width(text: str) -> str:
    """ASCII letters and digits in their full-width forms, as an input method leaves them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
