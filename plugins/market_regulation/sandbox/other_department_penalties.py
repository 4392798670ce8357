"""Delivery of penalties by other departments (E_OT_CASE): one file a day, shown on GSXT as the departments give them.

Law behind the outcomes: 企业信息公示暂行条例 art. 7 (domain.md 3.5).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from market_regulation.sandbox.carried_over import carried_over
from market_regulation.sandbox.cases import Case, Payload, State, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import full_width, wrong_inside
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.other_department_defects import defects
from market_regulation.sandbox.penalty_parties import PARTIES
from market_regulation.sandbox.penalty_rows import ten_thousands
from market_regulation.sandbox.planted_rows import Planted, lines
from market_regulation.sandbox.terms import penalty_months
from market_regulation.sandbox.working_days import working_day_after

SOURCE, RECORD_TYPE = "other_department_penalties", "other_dept_penalty"
FIRST_ORDINARY, FIRST_SPARE = 500, 900_000
COLUMNS = (
    "caseid", "pripid", "regno", "uniscid", "entname", "pendecno", "illegacttype", "pentype", "pentype_cn", "penam",
    "forfam", "pencontent", "judauth", "pendecissdate", "remark", "publicdate", "datadept", "received_on", "revoked_on",
)  # fmt: skip
TEMPLATE = Template({column: column for column in COLUMNS})

# department, beginning of its decision numbers, violation, content
DEPARTMENTS = [
    ("上海市应急管理局", "沪应急罚", "未按规定开展安全生产教育培训", "责令限期改正，处以罚款。"),
    ("上海市生态环境局", "沪环罚", "超标排放大气污染物", "处以罚款。"),
    ("南京市交通运输局", "宁交罚", "超限运输", "处以罚款。"),
    ("杭州市消防救援支队", "杭消罚", "消防设施未保持完好有效", "处以罚款。"),
]
_NO_FINE: Fields = {"penam": ""}
STATUTORY = {"1": "警告", "2": "罚款", "7": "吊销许可证件"}


@dataclass(frozen=True)
class Plan:
    """A situation; the decision is revoked on the next working day where ``revoked_later``."""

    name: str
    state: State = "PUBLIC"
    reason: str | None = None
    party: str = "enterprise"
    changes: Fields = field(default_factory=dict)
    revoked_later: bool = False
    doubt: str | None = None


PLANS = [
    Plan("fine by another department"),
    Plan("fine by another department on a sole trader", party="sole_trader"),
    Plan("warning by another department", changes=_NO_FINE | {"pentype": "1", "pentype_cn": "警告"}),
    Plan("licence revoked by another department", changes=_NO_FINE | {"pentype": "7", "pentype_cn": "吊销许可证"}),
    Plan("fine and warning by another department", changes={"pentype": "1；2", "pentype_cn": "警告；罚款"}),
    Plan("day of receipt not written", changes={"received_on": ""}),
    Plan("revoked before it came in", "NOT_PUBLIC", changes={"revoked_on": "today"}),
    Plan("revoked by the other department after publication", revoked_later=True),
    Plan("other department writes another name", "HELD", "subject_name_mismatch", party="misnamed"),
    Plan("other department writes a code that is not in the register", "HELD", "subject_unresolved",
         party="unknown_code"),
    Plan("other department writes no code", "HELD", "subject_unresolved", party="without_code", doubt="ODP-28"),
    Plan("other department writes a code whose inner check is wrong", "HELD", "subject_unresolved", doubt="ODP-29"),
    Plan("fine without an amount", changes=_NO_FINE, doubt="ODP-27"),
    Plan("subject without its number on GSXT", changes={"pripid": ""}, doubt="ODP-30"),
]  # fmt: skip


def deliver(context: Context, cases: IO[str]) -> Iterator[BadRow]:
    """Note the day's cases, drop its file and yield the rows planted to be rejected or warned of."""
    planted = list(_planted(context))
    cases.writelines(row.case.line() for row in planted if row.case)
    again = [Planted(fields, None) for before in carried_over(context) for fields in _updates(before)]
    rows = lines(context, [*planted, *again], _spare, defects(context), lambda good: good | {"remark": "另一备注"})
    return drop(SOURCE, f"e_ot_case_{context.day:%Y%m%d}.csv", TEMPLATE, rows)


def _planted(context: Context) -> Iterator[Planted]:
    for number, plan in enumerate(PLANS, start=1):
        made = _made(context, number, plan)
        yield Planted(made, _case(context, plan, made), plan.doubt)
    for number in range(FIRST_ORDINARY, FIRST_ORDINARY + context.volume(20)):
        made = _made(context, number, PLANS[0])
        yield Planted(_as_written(made, number), _case(context, PLANS[0], made))


def _updates(before: Context) -> Iterator[Fields]:
    """Rows of an earlier day that come again, revoked."""
    for number, plan in enumerate(PLANS, start=1):
        if plan.revoked_later:
            yield _made(before, number, plan) | {"revoked_on": working_day_after(before.day).isoformat()}


def _made(context: Context, number: int, plan: Plan) -> Fields:
    """The row of a plan as it is delivered on the day of ``context``."""
    rng = context.rng("other department", number)
    party = PARTIES[plan.party](context, rng)
    department, prefix, violation, content = DEPARTMENTS[number % len(DEPARTMENTS)]
    decided = context.ago(rng.randrange(8, 20))
    code = party["party_uscc"] or ""
    made: Fields = {
        "caseid": f"OT{context.day:%Y%m%d}{number:06d}",
        "pripid": f"31{rng.randrange(10**10):010d}",
        "regno": "",
        "uniscid": wrong_inside(code) if plan.doubt == "ODP-29" else code,
        "entname": party["party_name"],
        "pendecno": f"{prefix}〔{context.day.year}〕{context.day:%m%d}{number:06d}号",
        "illegacttype": violation,
        "pentype": "2",
        "pentype_cn": "罚款",
        "penam": ten_thousands(rng.choice([5000, 20000, 50000])),
        "forfam": "",
        "pencontent": content,
        "judauth": department,
        "pendecissdate": decided.isoformat(),
        "remark": "",
        "publicdate": (decided + dt.timedelta(days=3)).isoformat(),
        "datadept": department,
        "received_on": context.ago(1).isoformat(),
        "revoked_on": "",
    }
    made |= plan.changes
    return made | {"revoked_on": context.day.isoformat()} if made["revoked_on"] == "today" else made


def _spare(context: Context, number: int) -> Fields:
    return _made(context, FIRST_SPARE + number, PLANS[0])


def _as_written(fields: Fields, number: int) -> Fields:
    """Habits of the writer that change nothing of what the row says."""
    habits: list[Fields] = [
        {"uniscid": full_width(fields["uniscid"])},
        {"entname": f" {fields['entname']}\u00a0"},
        {"pendecno": fields["pendecno"].replace("〔", "[").replace("〕", "]")},
    ]
    return fields | habits[number % 9] if number % 9 < len(habits) else fields


def _case(context: Context, plan: Plan, made: Fields) -> Case:
    """The expected outcome; the term is the longest of the kinds of penalty."""
    timeline: list[tuple[dt.date, State, str | None]] = [(context.day, plan.state, plan.reason)]
    if plan.revoked_later:
        timeline.append((working_day_after(context.day), "NOT_PUBLIC", None))
    kinds = [STATUTORY[code] for code in made["pentype"].split("；")]
    months = penalty_months(kinds, dt.date.fromisoformat(made["pendecissdate"]))
    key = f"{made['datadept']}|{made['caseid']}"
    return Case(plan.name, RECORD_TYPE, key, timeline, [(context.day, sha256_of(payload(made)))], months=months)


def payload(of: Mapping[str, str]) -> Payload:
    """What must be shown of the row: amounts in 元 with two decimals, an empty cell is null."""
    shown: Payload = {column: of[column] or None for column in COLUMNS if column not in {"received_on", "revoked_on"}}
    amounts = {column: f"{Decimal(of[column]) * 10000:.2f}" for column in ("penam", "forfam") if of[column]}
    return shown | amounts | {"pentype": of["pentype"].replace("；", ";")}
