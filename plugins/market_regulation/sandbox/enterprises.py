"""Delivery of the enterprise register: one CSV snapshot a day."""

from collections.abc import Iterator

from market_regulation.sandbox import register
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import (
    BLANK,
    NO_DATE,
    NO_REGION,
    Defect,
    full_width,
    look_alike,
    registered_nowhere,
    wrong_check,
    wrong_inside,
)
from market_regulation.sandbox.dirt import Fields, strewn
from market_regulation.sandbox.drop import BadRow, Template, drop

SOURCE = "registry_enterprises"
FIRST_SPARE = 100_000_000  # enterprises of broken rows: other ones each day, and no case ever uses them

TEMPLATE = Template(
    {
        "统一社会信用代码": "uscc",
        "企业名称": "enterprise_name",
        "登记状态": "status",
        "主体类型": "party_kind",
        "登记机关区划": "region_code",
        "成立日期": "established_on",
        "起始日期": "valid_from",
        "终止日期": "valid_to",
    }
)

DEFECTS = [
    Defect("REG-01", {"uscc": BLANK}),
    Defect("REG-02", lambda r: {"uscc": wrong_check(r["uscc"])}),
    Defect("REG-02", lambda r: {"uscc": look_alike(r["uscc"])}),
    Defect("REG-03", {"enterprise_name": ""}),
    Defect("REG-04", {"status": ""}),
    Defect("REG-05", {"status": "正常经营"}),
    Defect("REG-06", {"party_kind": BLANK}),
    Defect("REG-07", {"party_kind": "农民合作社"}),
    Defect("REG-08", {"region_code": ""}),
    Defect("REG-09", {"region_code": NO_REGION}),
    Defect("REG-10", {"established_on": NO_DATE}),
    Defect("REG-11", {"valid_from": ""}),
    Defect("REG-12", {"valid_from": "2025-02-29"}),
    Defect("REG-13", {"valid_to": NO_DATE}),
    Defect("REG-14", lambda r: {"valid_to": r["valid_from"]}),
    Defect("REG-15", {"established_on": "2025-12-01", "valid_from": "2025-11-30"}),
    Defect("REG-21", {"enterprise_name": "长" * 201}),
]
DOUBTS = [
    Defect("REG-17", lambda r: {"uscc": wrong_inside(r["uscc"])}),
    Defect("REG-18", lambda r: {"uscc": registered_nowhere(r["uscc"])}),
]


def deliver(context: Context) -> Iterator[BadRow]:
    """Drop the snapshot of the day and yield the rows planted to be rejected."""
    first = FIRST_SPARE + context.day.toordinal() % 1000 * 100_000
    lines = strewn(
        (_as_written(fields, place) for place, fields in enumerate(register.rows(context, range(context.enterprises)))),
        context.enterprises,
        lambda place: [*register.rows(context, range(first + place, first + place + 1))][-1],
        DEFECTS,
        _conflict,
        DOUBTS,
    )
    return drop(SOURCE, f"enterprises_{context.day:%Y%m%d}.csv", TEMPLATE, lines)


def _conflict(good: Fields) -> Fields:
    return good | {"enterprise_name": good["enterprise_name"] + "（重复登记）"}


def _as_written(fields: Fields, place: int) -> Fields:
    """Habits of the writer that change nothing of what the row says."""
    habits: list[Fields] = [
        {"uscc": full_width(fields["uscc"])},
        {"uscc": fields["uscc"].lower()},
        {"enterprise_name": f"\u3000{fields['enterprise_name']} "},
        {"region_code": f" {fields['region_code']}\u00a0"},
    ]
    return fields | habits[place % 29 % len(habits)] if place % 29 < len(habits) else fields
