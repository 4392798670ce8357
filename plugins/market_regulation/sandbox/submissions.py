"""Delivery through the exchange database: the day's penalties and events, and what follows up on earlier cases."""

import csv
import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, NamedTuple

from market_regulation.sandbox.cases import delivered_days, read_cases
from market_regulation.sandbox.context import Context, folder
from market_regulation.sandbox.drop import BadRow, WarnedRow
from market_regulation.sandbox.exchange import KEY, Submitter
from market_regulation.sandbox.penalties import penalties
from market_regulation.sandbox.penalty_cases import Penalty
from market_regulation.sandbox.penalty_defects import broken_events

PENALTIES, EVENTS = "amr_penalties", "case_events"
_FILES = {PENALTIES: "submitted.penalty", EVENTS: "submitted.case_event"}
_CHUNK = 500
Marked = tuple[tuple[str, ...], str]  # key as written, rule


class BadKey(NamedTuple):
    """A rejected row of an exchange table by its key as written: a later pull repeats it under another row number."""

    source: str
    row_no: int
    key: str
    rule_id: str


def deliver_penalties(context: Context, out: Submitter, cases: IO[str]) -> tuple[list[Marked], list[Marked]]:
    """Put down the day's penalties with their events and note their cases.

    Returns:
        The rows planted to be rejected, and those planted to be accepted with a warning.
    """
    bad: list[Marked] = []
    doubtful: list[Marked] = []
    due = penalties(context)
    while chunk := list(islice(due, _CHUNK)):
        out.put_penalties([penalty.row for penalty in chunk])
        out.put_events([event for penalty in chunk for event in penalty.events])
        cases.writelines(case.line() for penalty in chunk for case in penalty.cases)
        bad += ((_key(penalty), penalty.rule_id) for penalty in chunk if penalty.rule_id)
        doubtful += ((_key(penalty), penalty.doubt) for penalty in chunk if penalty.doubt)
    return bad, doubtful


def _key(penalty: Penalty) -> tuple[str, ...]:
    return tuple(penalty.row[column] for column in KEY)


def deliver_broken_events(context: Context, out: Submitter) -> list[Marked]:
    """Put down the events planted to be rejected; returns (key as written, rule) of each."""
    broken = [(event, rule_id) for _, event, rule_id in broken_events(context)]
    out.put_events([event for event, _ in broken])
    return [((event.event_id,), rule_id) for event, rule_id in broken]


def deliver_follow_ups(context: Context, out: Submitter) -> None:
    """Put down what earlier days' cases promised for the time since the last delivered day."""
    earlier = [day for day in delivered_days() if day < context.day]
    since = max(earlier, default=dt.date.min)
    for day in earlier:
        for case in read_cases(day):
            for follow_up in case.follow_ups:
                if since < dt.date.fromisoformat(follow_up.deliver_on) <= context.day:
                    if follow_up.event:
                        out.put_events([follow_up.event])
                    else:
                        out.put_changes(follow_up)


def numbered(source: str, bad: Sequence[Marked], written: list[tuple[str, ...]]) -> list[BadKey]:
    """Number the rejected rows as a pull of the day does: in order of the key's bytes (all are recorded at once)."""
    order = sorted(tuple(part.encode() for part in key) for key in written)
    return [
        BadKey(source, bisect_left(order, tuple(part.encode() for part in key)) + 1, "|".join(key), rule_id)
        for key, rule_id in bad
    ]


def bad_rows(keys: Sequence[BadKey]) -> Iterator[BadRow]:
    """The lines of the answer key for rejected rows of exchange tables."""
    return (BadRow(key.source, _FILES[key.source], key.row_no, key.rule_id) for key in keys)


def warned_rows(keys: Sequence[BadKey]) -> Iterator[WarnedRow]:
    """The lines of the answer key for rows of exchange tables that are accepted with a warning."""
    return (WarnedRow(key.source, _FILES[key.source], key.row_no, key.rule_id) for key in keys)


def write_bad_keys(day: dt.date, keys: Sequence[BadKey]) -> None:
    """Keep the keys of the rejected rows beside the day's cases."""
    with (folder(day) / "bad_keys.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(BadKey._fields)
        writer.writerows(keys)


def read_bad_keys(day: dt.date) -> list[BadKey]:
    """Keys of the rejected rows of exchange tables of a delivered day."""
    with (folder(day) / "bad_keys.csv").open(encoding="utf-8", newline="") as lines:
        return [BadKey(r["source"], int(r["row_no"]), r["key"], r["rule_id"]) for r in csv.DictReader(lines)]
