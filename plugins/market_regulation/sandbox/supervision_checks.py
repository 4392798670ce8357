"""Delivery of supervision checks (双随机, 日常检查, 检验机构监督抽查): one file a day; every result is shown.

Law behind the outcomes: 特种设备安全监督检查办法 (order 57) arts 8 and 15, 特种设备安全法 art. 53 (domain.md A4).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from market_regulation.sandbox.carried_over import carried_over
from market_regulation.sandbox.cases import Case, Payload, State, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import full_width, wrong_inside
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.names import AUTHORITIES, SHANGHAI_INSTITUTE
from market_regulation.sandbox.penalty_parties import PARTIES
from market_regulation.sandbox.planted_rows import Planted, lines
from market_regulation.sandbox.supervision_check_defects import defects
from market_regulation.sandbox.terms import supervision_check_months
from market_regulation.sandbox.working_days import working_day_after

SOURCE, RECORD_TYPE = "amr_supervision_checks", "other_check"
FIRST_ORDINARY, FIRST_SPARE = 500, 900_000

TEMPLATE = Template(
    {
        "检查编号": "check_no",
        "检查类型": "kind",
        "检查方案": "programme",
        "检查机关": "authority_name",
        "检查机关代码": "authority_uscc",
        "承办机构": "handling_office",
        "被检查单位": "party_name",
        "被检查单位代码": "party_uscc",
        "被检查单位区划": "party_region_code",
        "检查日期": "checked_on",
        "检查结果": "result",
        "检查结论": "conclusion",
        "改正日期": "corrected_on",
        "结果形成日期": "reported_on",
    }
)
PASSED: Fields = {"conclusion": "未发现问题", "result": "现场检查未发现问题。"}
FAILED: Fields = {"conclusion": "发现问题", "result": "1台叉车未办理使用登记。"}
_SAMPLING: Fields = {"kind": "抽查", "programme": "检验机构监督抽查"}


@dataclass(frozen=True)
class Plan:
    """A situation; ``then`` is what differs when the row comes again on the next working day."""

    name: str
    state: State = "PUBLIC"
    reason: str | None = None
    party: str = "enterprise"
    changes: Fields = field(default_factory=dict)
    corrected_later: bool = False
    doubt: str | None = None


PLANS = [
    Plan("random check, nothing found", changes=PASSED),
    Plan("random check, problem found", changes=FAILED),
    Plan("routine check of a sole trader", party="sole_trader",
         changes=FAILED | {"kind": "检查", "programme": "日常检查"}),
    Plan("check of a unit under its former name", party="former_name", changes=FAILED),
    Plan("sampling of a registered inspection company", changes=_SAMPLING | FAILED),
    Plan("sampling of an institute that is no enterprise", "HELD", "subject_unresolved",
         changes=_SAMPLING | FAILED | {"party_name": SHANGHAI_INSTITUTE[0], "party_uscc": SHANGHAI_INSTITUTE[1]}),
    Plan("checked unit cannot be reached", changes={"conclusion": "无法联系", "result": "通过登记的住所无法联系。"}),
    Plan("checked unit refuses", changes={"conclusion": "不配合检查情节严重", "result": "拒绝检查人员进入场所。"}),
    Plan("problem put right after publication", changes=FAILED, corrected_later=True),
    Plan("checked unit under another name", "HELD", "subject_name_mismatch", party="misnamed", changes=FAILED),
    Plan("checked unit is not in the register", "HELD", "subject_unresolved", party="unknown_code", changes=PASSED),
    Plan("checked unit without a code", "HELD", "subject_unresolved", party="without_code", changes=PASSED,
         doubt="SUP-27"),
    Plan("checked unit with a code whose inner check is wrong", "HELD", "subject_unresolved", changes=PASSED,
         doubt="SUP-28"),
    Plan("routine check called a sampling", changes=PASSED | {"programme": "日常检查"}, doubt="SUP-29"),
]  # fmt: skip


def deliver(context: Context, cases: IO[str]) -> Iterator[BadRow]:
    """Note the day's cases, drop its file and yield the rows planted to be rejected or warned of."""
    planted = list(_planted(context))
    cases.writelines(row.case.line() for row in planted if row.case)
    again = [Planted(fields, None) for before in carried_over(context) for fields in _updates(before)]
    rows = lines(context, [*planted, *again], _spare, defects(context), lambda good: good | {"result": "另一结果。"})
    return drop(SOURCE, f"supervision_checks_{context.day:%Y%m%d}.csv", TEMPLATE, rows)


def _planted(context: Context) -> Iterator[Planted]:
    for number, plan in enumerate(PLANS, start=1):
        made = _made(context, number, plan)
        yield Planted(made, _case(context, plan, made), plan.doubt)
    for number in range(FIRST_ORDINARY, FIRST_ORDINARY + context.volume(30)):
        plan = Plan("ordinary check", changes=FAILED if number % 7 == 0 else PASSED)
        made = _made(context, number, plan)
        yield Planted(_as_written(made, number), _case(context, plan, made))


def _updates(before: Context) -> Iterator[Fields]:
    """Rows of an earlier day that come again, put right."""
    for number, plan in enumerate(PLANS, start=1):
        if plan.corrected_later:
            yield _made(before, number, plan) | _corrected(before)


def _corrected(context: Context) -> Fields:
    return {"conclusion": "发现问题已责令改正", "corrected_on": working_day_after(context.day).isoformat()}


def _made(context: Context, number: int, plan: Plan) -> Fields:
    """The row of a plan as it is delivered on the day of ``context``."""
    rng = context.rng("supervision check", number)
    party = PARTIES[plan.party](context, rng)
    authority, authority_uscc, _, _ = AUTHORITIES[number % len(AUTHORITIES)]
    reported = context.ago(rng.randrange(1, 6))
    code = party["party_uscc"] or ""
    made: Fields = {
        "check_no": f"JC{context.day:%Y%m%d}{number:06d}",
        "kind": "抽查",
        "programme": "双随机",
        "authority_name": authority,
        "authority_uscc": authority_uscc,
        "handling_office": f"{authority}特种设备科",
        "party_name": party["party_name"],
        "party_uscc": wrong_inside(code) if plan.doubt == "SUP-28" else code,
        "party_region_code": party["party_region_code"],
        "checked_on": (reported - dt.timedelta(days=rng.randrange(0, 4))).isoformat(),
        "corrected_on": "",
        "reported_on": reported.isoformat(),
    }
    return made | plan.changes


def _spare(context: Context, number: int) -> Fields:
    return _made(context, FIRST_SPARE + number, PLANS[1])


def _as_written(fields: Fields, number: int) -> Fields:
    """Habits of the writer that change nothing of what the row says."""
    habits: list[Fields] = [
        {"party_uscc": full_width(fields["party_uscc"])},
        {"party_name": f"\u3000{fields['party_name']} "},
        {"check_no": fields["check_no"].lower()},
        {"conclusion": "合格" if fields["conclusion"] == "未发现问题" else "不合格"},
    ]
    return fields | habits[number % 11] if number % 11 < len(habits) else fields


def _case(context: Context, plan: Plan, made: Fields) -> Case:
    """The expected outcome; what is put right changes what is shown."""
    payloads = [(context.day, sha256_of(payload(made)))]
    if plan.corrected_later:
        payloads.append((working_day_after(context.day), sha256_of(payload(made | _corrected(context)))))
    months = supervision_check_months(made["conclusion"] == "未发现问题", dt.date.fromisoformat(made["reported_on"]))
    key = f"{made['check_no']}|{made['authority_uscc']}"
    return Case(plan.name, RECORD_TYPE, key, [(context.day, plan.state, plan.reason)], payloads, months=months)


def payload(of: Mapping[str, str]) -> Payload:
    """What must be shown of the row; an empty cell is null."""
    shown = (
        "authority_name", "authority_uscc", "check_no", "checked_on", "conclusion", "corrected_on", "kind",
        "party_name", "party_uscc", "programme", "result",
    )  # fmt: skip
    return {column: of[column] or None for column in shown}
