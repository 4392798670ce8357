"""What the parsers of workbooks offer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol


class Sheet(NamedTuple):
    """A sheet as the parsers offer it."""

    name: str
    is_visible: bool


class Workbook(Protocol):
    """An opened workbook of either kind."""

    sheets: list[Sheet]

    def rows(self, name: str) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet from row 1 on."""
