"""Planted cases with their expected outcome: what the answer key is made of.

A case says from which day on its record must be public, held or neither. The days come from how the case was
planted; nothing here asks the platform's rules.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from market_regulation import settings
from market_regulation.sandbox.context import folder
from market_regulation.sandbox.terms import months_after

CHANNEL = "gsxt"
State = Literal["PUBLIC", "HELD", "NOT_PUBLIC"]
Timeline = Sequence[tuple[dt.date, State, str | None]]
Payload = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """A row of ``submitted.case_event``, without the moment at which it was recorded."""

    event_id: str
    source_key: str
    event_type: str
    event_on: str
    document_no: str | None = None


@dataclass(frozen=True)
class FollowUp:
    """What a submitter puts down on a later day: an event, or new values for the columns of a penalty row."""

    deliver_on: str
    event: Event | None = None
    penalty_key: tuple[str, str, str] | None = None
    changes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One record of one channel and what must become of it.

    Attributes:
        name: What was planted, in a few words.
        record_type: Record type on the channel, as ``administrative_penalty``.
        source_key: The fact's own key.
        timeline: (from day, state, reason) in order of the days; before the first day there is no record.
        payloads: (from day, SHA-256 of the canonical payload) in order of the days.
        months: How long the record is shown from the day on which it was first shown.
        review: What the officer answers when asked.
        follow_ups: What comes in later and makes the later entries of the timeline true.
        channel: Channel of the record.
        term_from: Day from which ``months`` count; None for the day on which the record was first shown.
    """

    name: str
    record_type: str
    source_key: str
    timeline: Timeline
    payloads: Sequence[tuple[dt.date, str]] = ()
    months: int | None = None
    review: Literal["approve", "refuse"] | None = None
    follow_ups: Sequence[FollowUp] = ()
    channel: str = CHANNEL
    term_from: dt.date | None = None

    def on(self, day: dt.date) -> tuple[State, str | None]:
        """State and reason on ``day``."""
        state: tuple[State, str | None] = ("NOT_PUBLIC", None)
        for start, name, reason in self.timeline:
            if start <= day:
                state = (name, reason)
        return state

    def outcome(self, day: dt.date, run_days: Sequence[dt.date]) -> tuple[State, str | None]:
        """State and reason on ``day``, the end of publicity included.

        Args:
            day: The day asked for.
            run_days: Days on which the platform ran, in order: a record is first shown on one of them.
        """
        state, reason = self.on(day)
        if state == "PUBLIC" and self.months:
            shown_on = next((run for run in run_days if run <= day and self.on(run)[0] == "PUBLIC"), day)
            if day > months_after(self.term_from or shown_on, self.months):
                return "NOT_PUBLIC", None
        return state, reason

    def payload_on(self, day: dt.date) -> str | None:
        """Hash of what must be shown on ``day``."""
        found = None
        for start, sha256 in self.payloads:
            if start <= day:
                found = sha256
        return found

    def line(self) -> str:
        """The case as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str, separators=(",", ":")) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """The case of one line of JSON."""
        data = json.loads(line)
        data["timeline"] = [(dt.date.fromisoformat(day), state, why) for day, state, why in data["timeline"]]
        data["term_from"] = data["term_from"] and dt.date.fromisoformat(data["term_from"])
        data["payloads"] = [(dt.date.fromisoformat(day), sha256) for day, sha256 in data["payloads"]]
        data["follow_ups"] = [
            FollowUp(
                f["deliver_on"],
                Event(**f["event"]) if f["event"] else None,
                tuple(f["penalty_key"]) if f["penalty_key"] else None,
                f["changes"],
            )
            for f in data["follow_ups"]
        ]
        return cls(**data)


def canonical(payload: Payload) -> str:
    """Canonical JSON: keys sorted, no blanks, nothing escaped that need not be."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_of(payload: Payload) -> str:
    """SHA-256 (hex) of the canonical JSON in UTF-8."""
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


def record_id(channel: str, record_type: str, source_key: str) -> str:
    """Name of a record: SHA-256 (hex) of channel, record type and the source's own key, joined by U+001F."""
    return hashlib.sha256("\x1f".join((channel, record_type, source_key)).encode()).hexdigest()


def delivered_days() -> list[dt.date]:
    """Days whose deliveries are complete, in order."""
    return sorted(
        dt.date.fromisoformat(path.parent.name) for path in (settings.home() / "sandbox").glob("*/cases.jsonl")
    )


def cases_file(day: dt.date) -> Path:
    """File with the cases planted on ``day``; it is written last, so its presence says that the day is complete."""
    return folder(day) / "cases.jsonl"


def read_cases(day: dt.date) -> Iterator[Case]:
    """Cases planted on ``day``, one at a time."""
    with cases_file(day).open(encoding="utf-8") as lines:
        for line in lines:
            yield Case.from_line(line)
