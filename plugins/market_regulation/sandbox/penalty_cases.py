"""Planted penalties: one plan per legal situation, each with the outcome it was planted for.

Law behind the outcomes: 市场监督管理行政处罚信息公示规定 (order 45) arts. 2, 4, 8, 11.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from market_regulation.sandbox import dual_publicity
from market_regulation.sandbox.cases import Case, Event, FollowUp, State, Timeline, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.penalty_parties import PARTIES
from market_regulation.sandbox.penalty_rows import Row, event, key, payload, redacted, row
from market_regulation.sandbox.terms import penalty_months
from market_regulation.sandbox.working_days import working_day_after

RECORD_TYPE = "administrative_penalty"
CORRECTED_FACT = "当事人使用的2台电梯超过检验有效期仍投入使用（更正）。"


@dataclass(frozen=True)
class Penalty:
    """A row with its events and, unless it is planted to be rejected, its case on each channel.

    Attributes:
        row: The row as the office's system writes it.
        events: Events recorded on the same day.
        cases: Expected outcomes; none for a row that must be quarantined.
        rule_id: Rule that rejects the row; None for a good one.
        doubt: Rule that warns of the row; None for one without doubt.
    """

    row: Row
    events: tuple[Event, ...] = ()
    cases: tuple[Case, ...] = ()
    rule_id: str | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class Plan:
    """A situation: who, what differs from the ordinary row, which events, what must follow.

    ``later`` holds from the next working day on, when ``follow_up`` has come in. ``credit`` is the state on 信用中国
    where it differs: it asks for no notice of publicity and carries no document. ``shown`` is what the public reads
    where that is not what the row and the letter say.
    """

    name: str
    state: State
    reason: str | None = None
    party: str = "enterprise"
    changes: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ("service",)
    review: Literal["approve", "refuse"] | None = None
    later: tuple[State, str | None] | None = None
    follow_up: Literal["revoked", "served", "corrected"] | None = None
    credit: State | None = None


_NO_FINE = {"fine_amount": None}
PLANS = [
    Plan("fine on an enterprise, served, notice, document", "PUBLIC"),
    Plan("fine on a sole trader", "PUBLIC", party="sole_trader"),
    Plan("party under a former name", "PUBLIC", party="former_name"),
    Plan("name with other brackets and blanks than in the register", "PUBLIC", party="loosely_written"),
    Plan("natural person", "PUBLIC", party="person"),
    Plan(
        "several kinds of penalty",
        "PUBLIC",
        changes={
            "penalty_kinds": "警告；罚款；没收违法所得",
            "confiscated_amount": "1.258",
            "penalty_content": "1.警告；2.罚款；3.没收违法所得12580元。",
        },
    ),
    Plan(
        "public criticism only",
        "PUBLIC",
        changes=_NO_FINE | {"penalty_kinds": "通报批评", "penalty_content": "通报批评。"},
    ),
    Plan(
        "confiscated goods without value",
        "PUBLIC",
        changes=_NO_FINE
        | {"penalty_kinds": "没收非法财物", "confiscated_amount": "0", "penalty_content": "没收涉案物品。"},
    ),
    Plan("notice of publicity by event", "PUBLIC", changes={"publicity_notice_served_on": None},
         events=("service", "publicity_notice_served")),
    Plan("warning only", "NOT_PUBLIC", changes=_NO_FINE | {"penalty_kinds": "警告", "penalty_content": "警告。"}),
    Plan("simple procedure", "NOT_PUBLIC", changes={"procedure": "简易程序"}),
    Plan("not served", "HELD", "service_not_proven", changes={"served_on": None, "service_mode": None}, events=()),
    Plan("service written in the row but not proven by an event", "HELD", "service_not_proven", events=()),
    Plan("no notice of publicity", "HELD", "publicity_notice_missing", changes={"publicity_notice_served_on": None},
         credit="PUBLIC"),
    Plan("no document", "HELD", "document_missing", changes={"document": None}, credit="PUBLIC"),
    Plan("name is not the code's", "HELD", "subject_name_mismatch", party="misnamed"),
    Plan("code is not in the register", "HELD", "subject_unresolved", party="unknown_code"),
    Plan("enterprise without code", "HELD", "subject_unresolved", party="without_code"),
    Plan("revoked before publication", "NOT_PUBLIC", events=("service", "decision_revoked")),
    Plan("revoked after publication", "PUBLIC", later=("NOT_PUBLIC", None), follow_up="revoked"),
    Plan("corrected after publication", "PUBLIC", later=("PUBLIC", None), follow_up="corrected"),
    Plan("served a day later", "HELD", "service_not_proven", events=(), later=("PUBLIC", None), follow_up="served"),
    Plan(
        "licence revoked",
        "PUBLIC",
        changes=_NO_FINE
        | {
            "penalty_kinds": "吊销许可证件",
            "license_revoked": "特种设备生产许可证 TS2431001-2028",
            "penalty_content": "吊销特种设备生产许可证。",
        },
        review="approve",
    ),
    Plan(
        "ordered to stop business, fined",
        "PUBLIC",
        changes={"penalty_kinds": "责令停产停业；罚款", "penalty_content": "责令停产停业并处罚款。"},
        review="approve",
    ),
    Plan(
        "barred from the trade",
        "HELD",
        "review_refused",
        changes=_NO_FINE | {"penalty_kinds": "限制从业", "penalty_content": "三年内不得从事检验检测工作。"},
        review="refuse",
    ),
]  # fmt: skip


def planted(context: Context) -> Iterator[Penalty]:
    """The planted penalties of the day, numbered from 1, and one decision with a second party."""
    for number, plan in enumerate(PLANS, start=1):
        yield make(context, number, plan)
    first = row(context, 1, PARTIES["enterprise"](context, context.rng("planted penalty", 1)))
    second_party = {"document_no": first["document_no"], "party_key": "P2", "party_no": "2"}
    yield make(
        context,
        len(PLANS) + 1,
        Plan("second party of the same decision", "PUBLIC", changes=_same_as(first, second_party)),
    )


def make(context: Context, number: int, plan: Plan) -> Penalty:
    """The penalty of a plan.

    Args:
        context: The delivery day.
        number: Running number within the day.
        plan: What to plant.
    """
    party = PARTIES[plan.party](context, context.rng("planted penalty", number))
    made = row(context, number, party, **plan.changes)
    events = tuple(event(context, number, made, kind, made["served_on"] or made["decided_on"]) for kind in plan.events)
    later_on = working_day_after(context.day)
    follow_ups = [_FOLLOW_UPS[plan.follow_up](context, number, made, later_on)] if plan.follow_up else []
    payloads = [(context.day, sha256_of(payload(redacted(made, dict(plan.shown)))))] if made["document"] else []
    payloads += [(later_on, sha256_of(payload(made | f.changes))) for f in follow_ups if f.changes]
    timeline = [(context.day, plan.state, plan.reason)]
    if plan.later:
        timeline.append((later_on, *plan.later))
    months = penalty_months(made["penalty_kinds"].split("；"), dt.date.fromisoformat(made["decided_on"]))
    case = Case(plan.name, RECORD_TYPE, key(made), timeline, payloads, months, plan.review, follow_ups)
    return Penalty(made, events, (case, _on_credit_china(case, plan, made)))


def _on_credit_china(case: Case, plan: Plan, made: Row) -> Case:
    kinds, decided = made["penalty_kinds"].split("；"), dt.date.fromisoformat(made["decided_on"])
    first, later = case.timeline[0][0], case.timeline[1:]
    timeline: Timeline = [(first, plan.credit, None), *later] if plan.credit else case.timeline
    if not dual_publicity.is_shown(kinds, decided):
        timeline = [(first, "NOT_PUBLIC", None)]
    payloads = [(first, sha256_of(dual_publicity.payload(made | dict(plan.shown))))]
    payloads += [
        (dt.date.fromisoformat(f.deliver_on), sha256_of(dual_publicity.payload(made | f.changes)))
        for f in case.follow_ups
        if f.changes
    ]
    return replace(
        case,
        timeline=timeline,
        payloads=payloads,
        months=dual_publicity.months(kinds, decided),
        follow_ups=(),
        channel=dual_publicity.CHANNEL,
        term_from=decided,
    )


def _same_as(other: Row, changes: dict[str, Any]) -> dict[str, Any]:
    shared = ("authority_name", "authority_uscc", "handling_office", "decided_on", "served_on")
    return {column: other[column] for column in shared} | changes


def _revoked(context: Context, number: int, made: Row, day: dt.date) -> FollowUp:
    return FollowUp(day.isoformat(), event(context, number, made, "decision_revoked", day.isoformat()))


def _served(context: Context, number: int, made: Row, day: dt.date) -> FollowUp:
    return FollowUp(day.isoformat(), event(context, number, made, "service", day.isoformat()))


def _corrected(_context: Context, _number: int, made: Row, day: dt.date) -> FollowUp:
    penalty_key = (made["document_no"], made["authority_uscc"], made["party_key"])
    return FollowUp(day.isoformat(), penalty_key=penalty_key, changes={"violation_fact": CORRECTED_FACT})


_FOLLOW_UPS: dict[str, Callable[[Context, int, Row, dt.date], FollowUp]] = {
    "revoked": _revoked,
    "served": _served,
    "corrected": _corrected,
}
