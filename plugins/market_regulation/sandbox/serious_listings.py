"""Delivery of the list of serious violators (严重违法失信名单): one file a day with the day's decisions and removals.

Law behind the outcomes: order 44 (a decided listing is shown for three years, a candidate never, a removal ends it the
same day), domain.md 3.6 and A18. Every listing waits for a person before it is shown, so only a few are planted.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Literal

from market_regulation.sandbox.carried_over import carried_over
from market_regulation.sandbox.cases import Case, Payload, State, Timeline, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import wrong_inside
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.names import AUTHORITIES
from market_regulation.sandbox.penalty_parties import PARTIES
from market_regulation.sandbox.planted_rows import Planted, lines
from market_regulation.sandbox.serious_listing_defects import defects
from market_regulation.sandbox.terms import LISTING_MONTHS, months_after
from market_regulation.sandbox.working_days import ONE_DAY, working_day_after

SOURCE, RECORD_TYPE = "amr_serious_listings", "serious_listing"
FIRST_SPARE = 10_000

TEMPLATE = Template(
    {
        "列入决定书文号": "document_no",
        "列入机关": "authority_name",
        "列入机关代码": "authority_uscc",
        "承办机构": "handling_office",
        "当事人编号": "party_key",
        "当事人名称": "party_name",
        "当事人类别": "party_kind",
        "当事人代码": "party_uscc",
        "当事人区划": "party_region_code",
        "办理阶段": "stage",
        "列入类别": "category",
        "列入事由": "reason",
        "处罚决定书文号": "penalty_document_no",
        "列入日期": "listed_on",
        "送达日期": "served_on",
        "公示告知日期": "publicity_notice_served_on",
        "移出日期": "removed_on",
        "移出原因": "removal_reason",
        "移出机关": "removing_authority",
    }
)
REASONS = [
    ("质量安全", "生产的电梯层门锁装置未经型式试验投入使用，情节严重，被处以较重行政处罚。"),
    ("质量安全", "伪造强制性产品认证标志销售移动电源，被处以较重行政处罚。"),
    ("质量安全", "出具虚假检验检测报告，情节严重，被取消检验检测资质。"),
    ("破坏市场秩序", "提交虚假材料取得登记，被撤销登记并处以较重行政处罚。"),
]


@dataclass(frozen=True)
class Plan:
    """A situation: who, what differs from an ordinary listing, what must follow.

    ``later`` holds from the next working day on, when the row came again with ``then``.
    """

    name: str
    state: State
    reason: str | None = None
    party: str = "enterprise"
    changes: Fields = field(default_factory=dict)
    review: Literal["approve", "refuse"] | None = None
    later: tuple[State, str | None] | None = None
    then: Literal["removed", "served"] | None = None
    doubt: str | None = None


_UNSERVED: Fields = {"served_on": ""}
PLANS = [
    Plan("listed, served, told of the publication", "PUBLIC", review="approve"),
    Plan("listing not served", "HELD", "service_not_proven", changes=_UNSERVED),
    Plan("listed under a name that is not the code's", "HELD", "subject_name_mismatch", party="misnamed"),
    Plan("listed with a code that is not in the register", "HELD", "subject_unresolved", party="unknown_code"),
    Plan("candidate", "NOT_PUBLIC", changes={"stage": "告知", "listed_on": "", "served_on": ""}),
    Plan("removed before publication", "NOT_PUBLIC", then="removed"),
    Plan("removed after publication", "PUBLIC", party="former_name", review="approve", later=("NOT_PUBLIC", None),
         then="removed"),
    Plan("listing served a day later", "HELD", "service_not_proven", changes=_UNSERVED, review="approve",
         later=("PUBLIC", None), then="served"),
    Plan("listed without a code", "HELD", "subject_unresolved", party="without_code", doubt="LST-34"),
    Plan("listed with a code whose inner check is wrong", "HELD", "subject_unresolved", doubt="LST-35"),
    Plan("listed without notice of publicity, the penalty behind it not named", "HELD", "publicity_notice_missing",
         changes={"publicity_notice_served_on": "", "penalty_document_no": ""}, doubt="LST-36"),
]  # fmt: skip


def deliver(context: Context, cases: IO[str]) -> Iterator[BadRow]:
    """Note the day's cases, drop its file and yield the rows planted to be rejected or warned of."""
    planted = list(_planted(context))
    cases.writelines(row.case.line() for row in planted if row.case)
    updated = [Planted(fields, None) for before in carried_over(context) for fields in _updates(before)]
    rows = lines(context, [*planted, *updated], _spare, defects(context), lambda good: good | {"category": "其他"})
    return drop(SOURCE, f"serious_listings_{context.day:%Y%m%d}.csv", TEMPLATE, rows)


def _planted(context: Context) -> Iterator[Planted]:
    for number, plan in enumerate(PLANS, start=1):
        made = _made(context, number, plan)
        yield Planted(made, _case(context, plan, made), plan.doubt)
    yield from _at_the_end_of_the_term(context)


def _at_the_end_of_the_term(context: Context) -> Iterator[Planted]:
    """Listings of three years ago: shown for the last time today, and not any more."""
    for number, plan, age in (
        (len(PLANS) + 1, Plan("last day of a listing", "PUBLIC", party="person", review="approve"), 0),
        (len(PLANS) + 2, Plan("listing of more than three years ago", "NOT_PUBLIC"), 1),
    ):
        listed = months_after(context.day, -LISTING_MONTHS) - age * ONE_DAY
        dated = dict.fromkeys(("listed_on", "served_on", "publicity_notice_served_on"), listed.isoformat())
        if months_after(listed, LISTING_MONTHS) + age * ONE_DAY == context.day:  # a 29 February has no such day
            made = _made(context, number, plan) | dated
            yield Planted(made, _case(context, plan, made))


def _updates(before: Context) -> Iterator[Fields]:
    """Rows of an earlier day that come again, changed as planned."""
    for number, plan in enumerate(PLANS, start=1):
        if plan.then and plan.later:
            yield _made(before, number, plan) | _then(plan, working_day_after(before.day), number)


def _then(plan: Plan, day: dt.date, number: int) -> Fields:
    if plan.then == "served":
        return {"served_on": day.isoformat()}
    return {
        "stage": "移出", "removed_on": day.isoformat(), "removal_reason": "信用修复",
        "removing_authority": AUTHORITIES[number % len(AUTHORITIES)][0],
    }  # fmt: skip


def _made(context: Context, number: int, plan: Plan) -> Fields:
    """The row of a plan as it is delivered on the day of ``context``."""
    rng = context.rng("serious listing", number)
    party = PARTIES[plan.party](context, rng)
    authority, authority_uscc, prefix, _ = AUTHORITIES[number % len(AUTHORITIES)]
    category, reason = rng.choice(REASONS)
    listed = context.ago(rng.randrange(4, 15))
    served = (listed + dt.timedelta(days=2)).isoformat()
    code = party["party_uscc"] or ""
    made: Fields = {
        "document_no": f"{prefix.replace('处罚', '列严')}〔{context.day.year}〕{context.day:%m%d}{number:06d}号",
        "authority_name": authority,
        "authority_uscc": authority_uscc,
        "handling_office": f"{authority}信用监管科",
        "party_key": "P1",
        "party_name": party["party_name"],
        "party_kind": party["party_kind"],
        "party_uscc": wrong_inside(code) if plan.doubt == "LST-35" else code,
        "party_region_code": party["party_region_code"],
        "stage": "决定列入",
        "category": category,
        "reason": reason,
        "penalty_document_no": f"{prefix}〔{context.day.year}〕9{number:06d}号",
        "listed_on": listed.isoformat(),
        "served_on": served,
        "publicity_notice_served_on": served,
        "removed_on": "",
        "removal_reason": "",
        "removing_authority": "",
    }
    removed_at_once = _then(plan, context.day, number) if plan.then == "removed" and not plan.later else {}
    return made | plan.changes | removed_at_once


def _spare(context: Context, number: int) -> Fields:
    return _made(context, FIRST_SPARE + number, PLANS[0])


def _case(context: Context, plan: Plan, made: Fields) -> Case:
    """The expected outcome, the end of the term included; what is shown never changes."""
    timeline: list[tuple[dt.date, State, str | None]] = [(context.day, plan.state, plan.reason)]
    if plan.later:
        timeline.append((working_day_after(context.day), *plan.later))
    if made["listed_on"]:
        last_day = months_after(dt.date.fromisoformat(made["listed_on"]), LISTING_MONTHS)
        timeline.append((max(last_day + ONE_DAY, context.day), "NOT_PUBLIC", None))
    return Case(plan.name, RECORD_TYPE, _key(made), _sorted(timeline), [(context.day, sha256_of(payload(made)))],
                review=plan.review)  # fmt: skip


def _sorted(timeline: Timeline) -> Timeline:
    return sorted(timeline, key=lambda entry: entry[0])


def _key(made: Mapping[str, str]) -> str:
    return f"{made['document_no']}|{made['authority_uscc']}|{made['party_key']}"


def payload(of: Mapping[str, str]) -> Payload:
    """What must be shown of the row; an empty cell is null."""
    shown = (
        "authority_name", "authority_uscc", "category", "document_no", "listed_on", "party_kind", "party_name",
        "party_uscc", "penalty_document_no", "reason", "removal_reason", "removed_on", "removing_authority",
    )  # fmt: skip
    return {column: of[column] or None for column in shown}
