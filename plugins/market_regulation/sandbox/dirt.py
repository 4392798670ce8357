"""How broken rows and exact repetitions are strewn among good rows, without holding the rows in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from market_regulation.sandbox.defects import Defect

Fields = dict[str, str]
SHARE = 0.03
REPEAT_EVERY = 97
RAGGED_RULE = "LAND-01"
CONFLICT_RULE = "LAND-02"


class Line(NamedTuple):
    """A row as it will stand in a delivery.

    Attributes:
        fields: Canonical column -> text.
        rule_id: The rule that the row breaks, None for a good row.
        shape: Whether the row has all of its fields.
        warned: The rule only warns: the row is accepted.
    """

    fields: Fields
    rule_id: str | None = None
    shape: Literal["whole", "short", "long"] = "whole"
    warned: bool = False


def strewn(
    good: Iterable[Fields],
    planned: int,
    spare: Callable[[int], Fields],
    defects: Sequence[Defect],
    conflict: Callable[[Fields], Fields],
    doubts: Sequence[Defect] = (),
) -> Iterator[Line]:
    """Good rows with broken ones between them.

    Every defect comes at least once, each on a fact of its own; when there are few good rows the rest of the broken
    ones follows at the end. Each 97th good row comes twice, which is a duplicate and no defect.

    Args:
        good: Good rows.
        planned: About how many good rows will come; 3 % of it is broken on top.
        spare: Makes a further good row of this number, to be broken.
        defects: What to break.
        conflict: Makes of a good row another content under the same key (LAND-02).
        doubts: What to make doubtful: each once, in a row that is accepted with a warning.
    """
    broken = max(len(defects), round(SHARE * planned))
    step = max(1, planned // (broken + len(doubts) + 3))
    due = iter([*_broken(broken, spare, defects), *_doubtful(broken + 2, spare, doubts)])
    last: Fields = {}
    for place, fields in enumerate(good):
        yield Line(fields)
        last = fields
        if place % step == step - 1 and (line := next(due, None)):
            yield line
        if place % REPEAT_EVERY == REPEAT_EVERY - 1:
            yield Line(fields)
    yield from due
    yield Line(conflict(last), CONFLICT_RULE)


def _broken(count: int, spare: Callable[[int], Fields], defects: Sequence[Defect]) -> Iterator[Line]:
    for place in range(count):
        defect = defects[place % len(defects)]
        yield Line(defect.broken(spare(place)), defect.rule_id)
    yield Line(spare(count), RAGGED_RULE, "short")
    yield Line(spare(count + 1), RAGGED_RULE, "long")


def _doubtful(first: int, spare: Callable[[int], Fields], doubts: Sequence[Defect]) -> Iterator[Line]:
    for place, doubt in enumerate(doubts, start=first):
        yield Line(doubt.broken(spare(place)), doubt.rule_id, warned=True)
