"""All penalties of a day: the planted cases, the broken rows and the ordinary bulk (mix after domain.md 7.4)."""

from collections.abc import Iterator
from dataclasses import replace

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import full_width
from market_regulation.sandbox.penalty_cases import Penalty, Plan, make, planted
from market_regulation.sandbox.penalty_defects import broken_events, broken_rows, doubtful_rows
from market_regulation.sandbox.penalty_rows import Row

FIRST_ORDINARY = 20_000

# share of a hundred, then the plan
_MIX = [
    (52, Plan("ordinary fine", "PUBLIC")),
    (14, Plan("ordinary fine, sole trader", "PUBLIC", party="sole_trader")),
    (6, Plan("ordinary fine, natural person", "PUBLIC", party="person")),
    (
        9,
        Plan(
            "fine and confiscation",
            "PUBLIC",
            changes={"penalty_kinds": "罚款；没收违法所得", "confiscated_amount": "0.32"},
        ),
    ),
    (
        7,
        Plan(
            "warning",
            "NOT_PUBLIC",
            changes={"penalty_kinds": "警告", "fine_amount": None, "penalty_content": "给予警告。"},
        ),
    ),
    (8, Plan("simple procedure", "NOT_PUBLIC", party="sole_trader", changes={"procedure": "简易程序"})),
    (4, Plan("not yet served", "HELD", "service_not_proven", changes={"served_on": None}, events=())),
]


def penalties(context: Context) -> Iterator[Penalty]:
    """Every penalty of the day with its readable events, broken ones included."""
    yield from planted(context)
    for penalty, _, _ in broken_events(context):
        yield penalty
    yield from broken_rows(context)
    yield from doubtful_rows(context)
    plans = [plan for share, plan in _MIX for _ in range(share)]
    for place in range(context.volume(100)):
        number = FIRST_ORDINARY + place
        penalty = make(context, number, plans[place * 37 % len(plans)])
        yield replace(penalty, row=as_written(penalty.row, place))


def as_written(row: Row, place: int) -> Row:
    """The row with the habits of its writer, which change nothing of what it says."""
    code, name = row["party_uscc"], row["party_name"]
    habits: list[Row] = [
        {},
        {"party_uscc": code and full_width(code)},
        {"party_uscc": code and code.lower()},
        {"party_uscc": code and f"{code[:8]} {code[8:]}"},
        {"party_name": f"\u3000{name} "},
        {"document_no": row["document_no"].replace("〔", "[").replace("〕", "]")},
        {"document_no": row["document_no"].replace("〔", "（").replace("〕", "）")},
        {"penalty_kinds": row["penalty_kinds"].replace("；", ";")},
        {"violation_fact": f" {row['violation_fact']}\u00a0\n"},
        {"confiscated_amount": row["confiscated_amount"] or ""},
    ]
    return row | habits[place % len(habits)]
