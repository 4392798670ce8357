"""The answer key of a day: which rows are bad or doubtful, what inspections come to, what is public, held and why."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

from market_regulation.sandbox.cases import Case, delivered_days, read_cases
from market_regulation.sandbox.context import folder
from market_regulation.sandbox.drop import BadRow


def key_folder(day: dt.date) -> Path:
    """Folder of the day's answer key."""
    return folder(day) / "answer_key"


def cases_known_on(day: dt.date) -> Iterator[Case]:
    """Every case planted on ``day`` or on an earlier delivered day of the same home."""
    for delivered in delivered_days():
        if delivered <= day:
            yield from read_cases(delivered)


def write_rows(day: dt.date, name: Literal["bad_rows", "warned_rows"], rows: Iterable[BadRow]) -> None:
    """Write ``bad_rows.csv``, the rows to be rejected, or ``warned_rows.csv``, those accepted with a warning."""
    with _table(day, name, BadRow._fields) as writer:
        writer.writerows(rows)


def write_inspections(day: dt.date, verdicts: Iterable[tuple[str, str]]) -> None:
    """Write ``inspections.csv``: what each planted inspection report (agency|report_no) must come to."""
    with _table(day, "inspections", ("source_key", "verdict")) as writer:
        writer.writerows(verdicts)


def write_outcomes(day: dt.date) -> None:
    """Write ``public.csv`` and ``held.csv`` from all cases known on ``day``.

    Raises:
        ValueError: A case says PUBLIC and does not say what must be shown.
    """
    days = delivered_days()
    with ExitStack() as stack:
        public = stack.enter_context(_table(day, "public", ("channel", "record_type", "source_key", "payload_sha256")))
        held = stack.enter_context(_table(day, "held", ("channel", "record_type", "source_key", "reason")))
        for case in cases_known_on(day):
            state, reason = case.outcome(day, days)
            if state == "PUBLIC":
                if not (sha256 := case.payload_on(day)):
                    raise ValueError(f"case {case.name!r} ({case.source_key}) is public on {day} without a payload")
                public.writerow((case.channel, case.record_type, case.source_key, sha256))
            elif state == "HELD":
                held.writerow((case.channel, case.record_type, case.source_key, reason))


@contextmanager
def _table(day: dt.date, name: str, header: Iterable[str]) -> Iterator[Any]:
    path = key_folder(day) / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        yield writer
    temporary.replace(path)
