"""Makes of a situation a sample, its events and the expected outcome for each of its parties."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from market_regulation.sandbox.cases import Case, Event, FollowUp, Timeline, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.penalty_rows import pick
from market_regulation.sandbox.register import Enterprise
from market_regulation.sandbox.spot_check_rows import Role, Sample, event, payload, sample
from market_regulation.sandbox.terms import spot_check_months
from market_regulation.sandbox.working_days import (
    objection_window_end,
    working_day_after,
)

RECORD_TYPE = "spot_check"


@dataclass(frozen=True)
class SpotCheck:
    """A sample with its events and the cases of its parties; no cases for a sample that must be quarantined.

    ``rule_id`` names the rule that rejects it, ``doubt`` one that only warns of it.
    """

    sample: Sample
    events: Sequence[Event] = ()
    cases: Sequence[Case] = ()
    rule_id: str | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class Situation:
    """What happened to a failed sample, in days.

    Attributes:
        name: What is planted.
        served: When each party was served.
        timeline: Outcome for every party, unless ``of_role`` says otherwise.
        final_on: When the result became or becomes final.
        events: (event, day, party or None for the sample) beyond service.
        later: The same for events that are recorded on the next working day only.
        retest: How the retest ended.
        of_role: Outcome for one party.
        changes: Columns of the sample that differ.
        parties: The parties, when others than two enterprises of the register.
        named_from: Day from which the seller's record may name the producer, who denies the goods until then.
    """

    name: str
    served: Mapping[Role, dt.date]
    timeline: Timeline
    final_on: dt.date | None = None
    events: Sequence[tuple[str, dt.date, Role | None]] = ()
    later: Sequence[tuple[str, dt.date, Role | None]] = ()
    retest: Literal["none", "confirmed"] = "none"
    of_role: Mapping[Role, Timeline] | None = None
    changes: dict[str, Any] | None = None
    parties: dict[Role, Enterprise] | None = None
    named_from: dt.date | None = None


def make(context: Context, number: int, situation: Situation) -> SpotCheck:
    """The sample of a situation with events and cases."""
    rng = context.rng("planted spot check", number)
    parties = situation.parties or {role: pick(context, rng) for role in situation.served} or two(context, number)
    made = sample(context, number, parties) | (situation.changes or {})
    served = [event(context, made, "service", day, role) for role, day in situation.served.items()]
    events = [event(context, made, kind, day, role) for kind, day, role in situation.events]
    return SpotCheck(made, [*served, *events], _cases(context, made, situation, list(parties)))


def _cases(context: Context, made: Sample, situation: Situation, roles: Sequence[Role]) -> list[Case]:
    """The expected outcome for each party; what follows up hangs on the first."""
    later_on = working_day_after(context.day).isoformat()
    follow_ups = [FollowUp(later_on, event(context, made, kind, day, role)) for kind, day, role in situation.later]
    return [
        Case(
            f"{situation.name} ({role})",
            RECORD_TYPE,
            f"{made['sample_no']}|{role}",
            (situation.of_role or {}).get(role, situation.timeline),
            _shown(context, made, situation, role),
            months=spot_check_months(situation.final_on) if situation.final_on else None,
            follow_ups=follow_ups if role == roles[0] else [],
        )
        for role in roles
    ]


def _shown(context: Context, made: Sample, situation: Situation, role: Role) -> list[tuple[dt.date, str]]:
    """(from day, hash of what must be shown of the sample for one party)."""
    if not situation.final_on:
        return []
    shown = payload(made, role, situation.final_on, situation.retest)
    if role == "producer" or not situation.named_from:
        return [(context.day, sha256_of(shown))]
    unnamed = shown | {"producer_name": None}
    return [(context.day, sha256_of(unnamed)), (situation.named_from, sha256_of(shown))]


def both(day: dt.date) -> dict[Role, dt.date]:
    """Both parties on the same day."""
    return {"producer": day, "seller": day}


def over(context: Context) -> tuple[dict[Role, dt.date], dt.date]:
    """Services long ago and the day on which the later window ended."""
    served: dict[Role, dt.date] = {"producer": context.ago(42), "seller": context.ago(37)}
    return served, objection_window_end(context.ago(37))


def two(context: Context, number: int) -> dict[Role, Enterprise]:
    """Two enterprises of the register, the same ones for the same number."""
    rng = context.rng("parties", number)
    return {"producer": pick(context, rng), "seller": pick(context, rng)}
