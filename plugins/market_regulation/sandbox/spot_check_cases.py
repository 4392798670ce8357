"""Planted spot checks: one per legal situation, each with the outcome it was planted for.

A failed sample becomes public when it is final: all parties served, every objection window over (产品质量法 art. 15,
15 days each) and no objection open, or a retest confirmed the result. Food is not disclosed here.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from market_regulation.sandbox.cases import Case, Event, FollowUp, Timeline, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.penalty_rows import pick, pick_renamed
from market_regulation.sandbox.register import STRANGERS, Enterprise, enterprise
from market_regulation.sandbox.spot_check_rows import Role, Sample, event, payload, sample
from market_regulation.sandbox.working_days import (
    ONE_DAY,
    is_working_day,
    objection_window_end,
    working_day_after,
    working_day_from,
)

RECORD_TYPE = "spot_check"


@dataclass(frozen=True)
class SpotCheck:
    """A sample with its events and the cases of its parties; no cases for a sample that must be quarantined."""

    sample: Sample
    events: Sequence[Event] = ()
    cases: Sequence[Case] = ()
    rule_id: str | None = None


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


def planted(context: Context) -> Iterator[SpotCheck]:
    """The planted samples of the day, numbered from 1."""
    situations = [*_final(context), *_open(context), *_never(context), *_changing(context), *_unclear_parties(context)]
    for number, situation in enumerate(situations, start=1):
        yield make(context, number, situation)


def make(context: Context, number: int, situation: Situation) -> SpotCheck:
    """The sample of a situation with events and cases."""
    rng = context.rng("planted spot check", number)
    parties = situation.parties or {role: pick(context, rng) for role in situation.served} or _two(context, number)
    made = sample(context, number, parties) | (situation.changes or {})
    served = [event(context, made, "service", day, role) for role, day in situation.served.items()]
    events = [event(context, made, kind, day, role) for kind, day, role in situation.events]
    later_on = working_day_after(context.day).isoformat()
    follow_ups = [FollowUp(later_on, event(context, made, kind, day, role)) for kind, day, role in situation.later]
    cases = []
    for place, role in enumerate(parties):
        timeline = (situation.of_role or {}).get(role, situation.timeline)
        payloads = (
            [(context.day, sha256_of(payload(made, role, situation.final_on, situation.retest)))]
            if situation.final_on
            else []
        )
        name = f"{situation.name} ({role})"
        cases.append(
            Case(
                name, RECORD_TYPE, f"{made['sample_no']}|{role}", timeline, payloads,
                follow_ups=follow_ups if place == 0 else [],
            )
        )  # fmt: skip
    return SpotCheck(made, [*served, *events], cases)


def both(day: dt.date) -> dict[Role, dt.date]:
    """Both parties on the same day."""
    return {"producer": day, "seller": day}


def over(context: Context) -> tuple[dict[Role, dt.date], dt.date]:
    """Services long ago and the day on which the later window ended."""
    served: dict[Role, dt.date] = {"producer": context.ago(42), "seller": context.ago(37)}
    return served, objection_window_end(context.ago(37))


def _two(context: Context, number: int) -> dict[Role, Enterprise]:
    rng = context.rng("parties", number)
    return {"producer": pick(context, rng), "seller": pick(context, rng)}


def _public(day: dt.date) -> Timeline:
    return [(day, "PUBLIC", None)]


def _final(context: Context) -> Iterator[Situation]:
    day = context.day
    served, end = over(context)
    public = _public(day)
    yield Situation("both windows over", served, public, end)
    yield Situation("producer only", {"producer": context.ago(40)}, public, objection_window_end(context.ago(40)))
    yield Situation("production date is free text", served, public, end, changes={"produced_on": "见瓶盖喷码"})
    yield Situation(
        "objection withdrawn in time",
        served,
        public,
        end,
        events=[("objection", context.ago(34), "producer"), ("objection_withdrawn", context.ago(31), "producer")],
    )
    yield Situation(
        "retest confirmed",
        served,
        public,
        context.ago(3),
        retest="confirmed",
        events=[("objection", context.ago(34), "seller"), ("retest_confirmed", context.ago(3), None)],
    )
    yield Situation("window ended on the last day before today that could end one", *_last_ended(context))
    holiday_served, moved_end = _last_moved_end(context)
    yield Situation(
        "window moved from a holiday to the next working day, over", both(holiday_served), public, moved_end
    )


def _open(context: Context) -> Iterator[Situation]:
    day = context.day
    served, _ = over(context)
    fresh = context.ago(5)
    windows: dict[Role, dt.date] = {**served, "seller": fresh}
    yield Situation("window open for the seller", windows, *_held_until(day, objection_window_end(fresh)))
    last_day = context.ago(15)
    yield Situation("last day of the window", both(last_day), *_held_until(day, objection_window_end(last_day)))
    free = day - ONE_DAY if not is_working_day(day - ONE_DAY) else _first_free_day_after(day)
    at_holiday = free - dt.timedelta(days=15)
    yield Situation(
        "window moved from a holiday, still open", both(at_holiday), *_held_until(day, working_day_from(free))
    )
    held: Timeline = [(day, "HELD", "service_not_proven")]
    yield Situation("seller not served", {"producer": context.ago(42)}, held, parties=_two(context, 1))
    pending: Timeline = [(day, "HELD", "objection_pending")]
    yield Situation("objection pending", served, pending, events=[("objection", context.ago(34), "producer")])


def _never(context: Context) -> Iterator[Situation]:
    served, _ = over(context)
    never: Timeline = [(context.day, "NOT_PUBLIC", None)]
    yield Situation(
        "retest overturned",
        served,
        never,
        events=[("objection", context.ago(34), "producer"), ("retest_overturned", context.ago(6), None)],
    )
    yield Situation("food", served, never, changes={"product_domain": "food", "product_category": "食品"})
    yield Situation("passed", {}, never, changes={"conclusion": "合格", "failed_items": []})


def _changing(context: Context) -> Iterator[Situation]:
    day, next_day = context.day, working_day_after(context.day)
    served, end = over(context)
    yield Situation(
        "objection made in time becomes known after publication", served,
        [(day, "PUBLIC", None), (next_day, "HELD", "objection_pending")], end,
        later=[("objection", context.ago(33), "seller")],
    )  # fmt: skip
    yield Situation(
        "retest overturns after publication", served, [(day, "PUBLIC", None), (next_day, "NOT_PUBLIC", None)], end,
        later=[("retest_overturned", next_day, None)],
    )  # fmt: skip
    opened = objection_window_end(next_day)
    yield Situation(
        "seller served a working day later", {"producer": context.ago(42)},
        [(day, "HELD", "service_not_proven"), (next_day, "HELD", "objection_window_open"),
         (opened + ONE_DAY, "PUBLIC", None)],
        opened, later=[("service", next_day, "seller")], parties=_two(context, 2),
    )  # fmt: skip


def _unclear_parties(context: Context) -> Iterator[Situation]:
    served, end = over(context)
    rng = context.rng("unclear parties")
    public = _public(context.day)
    two = _two(context, 3)
    yield Situation(
        "producer's name is not its code's", served, public, end, parties=two,
        changes={"producer_name": "标称" + two["producer"].name_on(context.day)},
        of_role={"producer": [(context.day, "HELD", "subject_name_mismatch")]},
    )  # fmt: skip
    yield Situation(
        "seller without code", served, public, end, changes={"seller_uscc": None},
        of_role={"seller": [(context.day, "HELD", "subject_unresolved")]},
    )  # fmt: skip
    stranger = enterprise(context.seed, STRANGERS + rng.randrange(1_000_000))
    yield Situation(
        "producer is not in the register", served, public, end, parties={**_two(context, 4), "producer": stranger},
        of_role={"producer": [(context.day, "HELD", "subject_unresolved")]},
    )  # fmt: skip
    renamed = pick_renamed(context, rng)
    yield Situation(
        "seller under a former name", served, public, end, parties={"producer": pick(context, rng), "seller": renamed},
        changes={"seller_name": renamed.periods[0].name},
    )  # fmt: skip
    maker = pick(context, rng)
    yield Situation("maker sells its own product", served, public, end, parties={"producer": maker, "seller": maker})


def _held_until(day: dt.date, end: dt.date) -> tuple[Timeline, dt.date]:
    """Held while the window is open, public from the day after its end."""
    return [(day, "HELD", "objection_window_open"), (end + ONE_DAY, "PUBLIC", None)], end


def _last_ended(context: Context) -> tuple[dict[Role, dt.date], Timeline, dt.date]:
    served = context.ago(16)
    while objection_window_end(served) >= context.day:
        served -= ONE_DAY
    return both(served), _public(context.day), objection_window_end(served)


def _last_moved_end(context: Context) -> tuple[dt.date, dt.date]:
    """(served, end) of the last window that a holiday moved and that is over."""
    free = context.ago(2)
    while is_working_day(free) or working_day_from(free) >= context.day:
        free -= ONE_DAY
    return free - dt.timedelta(days=15), working_day_from(free)


def _first_free_day_after(day: dt.date) -> dt.date:
    while is_working_day(day):
        day += ONE_DAY
    return day
