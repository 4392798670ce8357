"""Planted CCC validity checks: one situation each, with what must become of the holder's record.

A failed check is shown for the holder of the certificate when no objection raised in time is open and either the body
has confirmed the result, by revoking the certificate or by its decision after a retest, or the holder is served and the
objection window is over (domain.md 9.4, A9); a passed one never.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from market_regulation.sandbox.cases import Case, Event, FollowUp, Payload, Timeline, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.terms import spot_check_months
from market_regulation.sandbox.working_days import ONE_DAY, objection_window_end, working_day_after

RECORD_TYPE = "ccc_validity"
FAILED: Fields = {"consistency": "一致", "test_conclusion": "不合格"}


@dataclass(frozen=True)
class Situation:
    """What happened to a failed sample.

    Attributes:
        name: What is planted.
        timeline: Outcome for the holder.
        reported_on: Day of the report.
        final_on: When the result became or becomes final.
        events: (event, day) on the holder's case.
        later: The same for events that are recorded on the next working day only.
        changes: Columns that differ.
        then: Columns that differ when the row comes again on the next working day.
        doubt: Rule that warns of the row.
    """

    name: str
    timeline: Timeline
    reported_on: dt.date
    final_on: dt.date | None = None
    events: Sequence[tuple[str, dt.date]] = ()
    later: Sequence[tuple[str, dt.date]] = ()
    changes: Fields = field(default_factory=dict)
    then: Fields = field(default_factory=dict)
    doubt: str | None = None


def situations(context: Context) -> Iterator[Situation]:
    """The situations of a day, always the same ones in the same order."""
    day, next_day = context.day, working_day_after(context.day)
    long_ago, served = context.ago(38), ("service", context.ago(37))
    end = objection_window_end(context.ago(37))
    public: Timeline = [(day, "PUBLIC", None)]
    yield Situation("ccc window over", public, long_ago, end, [served])
    yield Situation(
        "ccc failure confirmed within the window", public, context.ago(12), context.ago(3),
        [("service", context.ago(10)), ("retest_confirmed", context.ago(3))],
    )  # fmt: skip
    last_day = objection_window_end(context.ago(15))
    yield Situation(
        "last day of the ccc window", [(day, "HELD", "objection_window_open"), (last_day + ONE_DAY, "PUBLIC", None)],
        context.ago(16), last_day, [("service", context.ago(15))],
    )  # fmt: skip
    objected = ("objection", context.ago(30))
    yield Situation("ccc objection pending", [(day, "HELD", "objection_pending")], long_ago, events=[served, objected])
    yield Situation("ccc objection after the window", public, long_ago, end, [served, ("objection", context.ago(5))])
    yield Situation(
        "ccc certificate revoked by the body", public, context.ago(12), context.ago(9),
        changes={"disposition": "撤销", "disposition_on": context.ago(9).isoformat()},
    )  # fmt: skip
    yield Situation("ccc holder not served", [(day, "HELD", "service_not_proven")], long_ago)
    yield Situation(
        "ccc failure overturned", [(day, "NOT_PUBLIC", None)], long_ago,
        events=[served, objected, ("retest_overturned", context.ago(5))],
    )  # fmt: skip
    yield Situation(
        "ccc certificate restored after publication", public, long_ago, end, [served],
        then={"disposition": "恢复", "disposition_on": next_day.isoformat()},
    )  # fmt: skip
    yield Situation(
        "ccc objection becomes known after publication", [*public, (next_day, "HELD", "objection_pending")],
        long_ago, end, [served], later=[("objection", context.ago(25))],
    )  # fmt: skip
    yield Situation(
        "ccc holder under another name", [(day, "HELD", "subject_name_mismatch")], long_ago, end, [served],
        changes={"holder_name": "某某（集团）有限公司"},
    )  # fmt: skip
    yield Situation(
        "ccc holder without a code", [(day, "HELD", "subject_unresolved")], long_ago, end, [served],
        changes={"holder_uscc": ""}, doubt="VAL-32",
    )  # fmt: skip
    yield Situation(
        "ccc failure without certificate number", public, long_ago, end, [served],
        changes={"certificate_no": ""}, doubt="VAL-30",
    )  # fmt: skip
    yield Situation(
        "ccc failure not disposed of", public, long_ago, end, [served],
        changes={"disposition": "", "disposition_on": ""}, doubt="VAL-26",
    )  # fmt: skip


def ordinary(context: Context) -> Situation:
    """A failed sample like most: its window is over."""
    served = context.ago(37)
    return Situation(
        "ordinary ccc failure", [(context.day, "PUBLIC", None)], context.ago(38), objection_window_end(served),
        [("service", served)],
    )  # fmt: skip


def events(of: Mapping[str, str], when: Sequence[tuple[str, dt.date]]) -> list[Event]:
    """Events of the holder's case."""
    key = of["sample_no"]
    return [Event(f"EV-{key}-{kind}", key, kind, day.isoformat(), key) for kind, day in when]


def case(context: Context, situation: Situation, made: Mapping[str, str]) -> Case:
    """What must become of the holder's record; a row that comes again changes what is shown."""
    final_on, next_day = situation.final_on, working_day_after(context.day)
    follow_ups = [FollowUp(next_day.isoformat(), event) for event in events(made, situation.later)]
    payloads = [(context.day, sha256_of(payload(made, final_on)))] if final_on else []
    if final_on and situation.then:
        payloads.append((next_day, sha256_of(payload({**made, **situation.then}, final_on))))
    return Case(
        situation.name, RECORD_TYPE, made["sample_no"], situation.timeline, payloads,
        months=spot_check_months(final_on) if final_on else None, follow_ups=follow_ups,
    )  # fmt: skip


def payload(of: Mapping[str, str], final_on: dt.date) -> Payload:
    """What must be shown of a failed sample; an empty cell is null."""
    as_they_are = (
        "body_name", "ccc_code", "certificate_no", "disposition", "disposition_on", "factory_name", "holder_name",
        "holder_uscc", "model", "product_name", "sample_no", "sampled_on",
    )  # fmt: skip
    shown: Payload = {column: of[column] or None for column in as_they_are}
    return shown | {"conclusion": "不合格", "final_on": final_on.isoformat()}
