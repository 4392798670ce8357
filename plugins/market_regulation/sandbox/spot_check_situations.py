"""The situations planted for spot checks, one after the other, each with its outcome.

A failed sample becomes public when it is final: all parties served, every objection window over (产品质量法 art. 15,
15 days each) and no objection open that was raised in time, or a retest confirmed the result. An event counts whether
it is filed for the sample or for one of its parties. Food is not disclosed here.
"""

import datetime as dt
from collections.abc import Iterator

from market_regulation.sandbox.cases import Timeline
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.penalty_rows import pick, pick_renamed
from market_regulation.sandbox.register import STRANGERS, enterprise
from market_regulation.sandbox.spot_check_cases import Situation, SpotCheck, both, make, over, two
from market_regulation.sandbox.spot_check_rows import Role
from market_regulation.sandbox.working_days import (
    ONE_DAY,
    is_working_day,
    objection_window_end,
    working_day_after,
    working_day_from,
)


def planted(context: Context) -> Iterator[SpotCheck]:
    """The planted samples of the day, numbered from 1."""
    situations = [*_final(context), *_open(context), *_never(context), *_changing(context), *_unclear_parties(context)]
    for number, situation in enumerate(situations, start=1):
        yield make(context, number, situation)


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
    yield Situation(
        "retest that the producer asked for settles the seller's objection",
        served,
        public,
        context.ago(3),
        retest="confirmed",
        events=[("objection", context.ago(34), "seller"), ("retest_confirmed", context.ago(3), "producer")],
    )
    yield Situation("objection after the window", served, public, end, events=[("objection", context.ago(5), "seller")])
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
    yield Situation("seller not served", {"producer": context.ago(42)}, held, parties=two(context, 1))
    pending: Timeline = [(day, "HELD", "objection_pending")]
    yield Situation("objection pending", served, pending, events=[("objection", context.ago(34), "producer")])
    yield Situation("objection for the sample pending", served, pending, events=[("objection", context.ago(34), None)])


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
    yield Situation(
        "retest filed for the producer overturns after publication", served,
        [(day, "PUBLIC", None), (next_day, "NOT_PUBLIC", None)], end,
        later=[("retest_overturned", next_day, "producer")],
    )  # fmt: skip
    yield Situation(
        "producer denies the goods and is confirmed a working day later", served, _public(day), end,
        events=[("producer_denied", context.ago(30), "producer")],
        later=[("producer_confirmed", next_day, None)], named_from=next_day,
        of_role={"producer": [(day, "HELD", "producer_denied"), (next_day, "PUBLIC", None)]},
    )  # fmt: skip
    opened = objection_window_end(next_day)
    yield Situation(
        "seller served a working day later", {"producer": context.ago(42)},
        [(day, "HELD", "service_not_proven"), (next_day, "HELD", "objection_window_open"),
         (opened + ONE_DAY, "PUBLIC", None)],
        opened, later=[("service", next_day, "seller")], parties=two(context, 2),
    )  # fmt: skip


def _unclear_parties(context: Context) -> Iterator[Situation]:
    served, end = over(context)
    rng = context.rng("unclear parties")
    public = _public(context.day)
    pair = two(context, 3)
    yield Situation(
        "producer's name is not its code's", served, public, end, parties=pair,
        changes={"producer_name": "标称" + pair["producer"].name_on(context.day)},
        of_role={"producer": [(context.day, "HELD", "subject_name_mismatch")]},
    )  # fmt: skip
    yield Situation(
        "seller without code", served, public, end, changes={"seller_uscc": None},
        of_role={"seller": [(context.day, "HELD", "subject_unresolved")]},
    )  # fmt: skip
    stranger = enterprise(context.seed, STRANGERS + rng.randrange(1_000_000))
    yield Situation(
        "producer is not in the register", served, public, end, parties={**two(context, 4), "producer": stranger},
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
