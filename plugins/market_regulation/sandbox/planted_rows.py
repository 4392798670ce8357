"""Rows of a file that follow from plans: each with the case that says what must become of its record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from market_regulation.sandbox.cases import Case
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import Defect
from market_regulation.sandbox.dirt import Fields, Line, strewn


@dataclass(frozen=True)
class Planted:
    """A row with the case of its record.

    Attributes:
        fields: Canonical column -> the submitter's text.
        case: What must become of it; None where no channel shows such a row.
        doubt: Rule that warns of the row; None for one without doubt.
    """

    fields: Fields
    case: Case | None
    doubt: str | None = None


def lines(
    context: Context,
    planted: Sequence[Planted],
    spare: Callable[[Context, int], Fields],
    defects: Sequence[Defect],
    conflict: Callable[[Fields], Fields],
) -> Iterator[Line]:
    """The planted rows with broken ones strewn between them; the doubtful ones come last.

    Args:
        context: The delivery day.
        planted: Rows with their cases.
        spare: Makes a further good row of a number, to be broken; no case speaks of it.
        defects: What to break.
        conflict: Makes of a good row another content under the same key.
    """
    good = [row.fields for row in planted if row.doubt is None]
    yield from strewn(good, len(good), lambda place: spare(context, place), defects, conflict)
    for row in planted:
        if row.doubt is not None:
            yield Line(row.fields, row.doubt, warned=True)
