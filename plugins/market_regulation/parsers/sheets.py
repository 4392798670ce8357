"""What the parsers of workbooks offer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol


class Sheet(NamedTuple):
    """A sheet as the parsers offer it."""

    name: str
    is_visible: bool


class Uncalculated(NamedTuple):
    """A cell with a formula whose result is not stored: the program that wrote the file did not calculate."""

    formula: str

    def __str__(self) -> str:
        return self.formula


class Workbook(Protocol):
    """An opened workbook of either kind."""

    sheets: list[Sheet]

    def rows(self, name: str) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet from row 1 on."""
