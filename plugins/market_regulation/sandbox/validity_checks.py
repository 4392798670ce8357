"""Delivery of the CCC validity checks (有效性抽查): samples of certified products; fail rate after domain.md 5.6."""

import datetime as dt
from collections.abc import Iterator
from typing import IO

from market_regulation.sandbox.carried_over import carried_over
from market_regulation.sandbox.certificates import AT_SCALE_1, Certificate, certificate
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, Defect, look_alike, wrong_check
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.exchange import Submitter
from market_regulation.sandbox.planted_rows import Planted, lines
from market_regulation.sandbox.validity_check_cases import FAILED, Situation, case, events, ordinary, situations

SOURCE = "cnca_validity_checks"
FIRST_PLANTED, FIRST_DOUBT, FIRST_SPARE = 800_000, 850_000, 500_000
FAIL_RATE = 0.135

TEMPLATE = Template(
    {
        "样品编号": "sample_no",
        "证书编号": "certificate_no",
        "产品类别代码": "ccc_code",
        "产品名称": "product_name",
        "型号": "model",
        "抽样日期": "sampled_on",
        "持证人": "holder_name",
        "持证人代码": "holder_uscc",
        "生产企业": "factory_name",
        "一致性核查": "consistency",
        "检测结论": "test_conclusion",
        "处置": "disposition",
        "处置日期": "disposition_on",
        "认证机构": "body_name",
        "检测机构": "lab_name",
        "报告日期": "reported_on",
    }
)


def deliver(context: Context, out: Submitter, cases: IO[str]) -> Iterator[BadRow]:
    """Put down the day's events, note its cases, drop its file; yield the rows planted to be rejected or warned of."""
    planted = list(_planted(context, out))
    cases.writelines(row.case.line() for row in planted if row.case)
    again = [Planted(fields, None) for before in carried_over(context) for fields in _updates(before)]
    rows = lines(context, [*planted, *again], _spare, _defects(context), lambda good: good | {"model": "另一型号"})
    return drop(SOURCE, f"validity_checks_{context.day:%Y%m%d}.csv", TEMPLATE, rows)


def _planted(context: Context, out: Submitter) -> Iterator[Planted]:
    for number, situation in enumerate(situations(context), start=FIRST_PLANTED):
        made = _failed(context, number, situation)
        out.put_events(events(made, situation.events))
        yield Planted(made, case(context, situation, made), situation.doubt)
    for number in range(context.volume(40)):
        if context.rng("validity check fails", number).random() < FAIL_RATE:
            situation = ordinary(context)
            made = _failed(context, number, situation)
            out.put_events(events(made, situation.events))
            yield Planted(_as_written(made, number), case(context, situation, made))
        else:
            yield Planted(_as_written(_passed(context, number), number), None)
    suspended_all_the_same = _passed(context, FIRST_DOUBT)
    given = {"disposition": "暂停", "disposition_on": suspended_all_the_same["reported_on"]}
    yield Planted(suspended_all_the_same | given, None, "VAL-27")


def _updates(before: Context) -> Iterator[Fields]:
    """Rows of an earlier day that come again, changed as planned."""
    for number, situation in enumerate(situations(before), start=FIRST_PLANTED):
        if situation.then:
            yield _failed(before, number, situation) | situation.then


def _failed(context: Context, number: int, situation: Situation) -> Fields:
    reported = situation.reported_on
    made = _passed(context, number) | {
        "reported_on": reported.isoformat(),
        "sampled_on": (reported - dt.timedelta(days=20)).isoformat(),
        "holder_name": _certificate(context, number).holder.name_on(reported),
        "disposition": ("暂停", "整改")[number % 2],
        "disposition_on": reported.isoformat(),
    }
    return made | FAILED | situation.changes


def _passed(context: Context, number: int) -> Fields:
    rng = context.rng("validity check", number)
    found = _certificate(context, number)
    reported = context.ago(rng.randrange(1, 15))
    return {
        "sample_no": f"CCC{context.day:%Y%m%d}{number:06d}",
        "certificate_no": found.number,
        "ccc_code": found.ccc_code,
        "product_name": found.product,
        "model": found.model,
        "sampled_on": context.ago(rng.randrange(20, 50)).isoformat(),
        "holder_name": found.holder.name_on(reported),
        "holder_uscc": found.holder.uscc,
        "factory_name": found.factory.name_on(context.day),
        "consistency": "一致",
        "test_conclusion": "合格",
        "disposition": "",
        "disposition_on": "",
        "body_name": found.body[1],
        "lab_name": "国家质量检验检测中心（沙箱）",
        "reported_on": reported.isoformat(),
    }


def _certificate(context: Context, number: int) -> Certificate:
    return certificate(context, context.rng("certificate checked", number).randrange(context.volume(AT_SCALE_1)))


def _spare(context: Context, number: int) -> Fields:
    return _passed(context, FIRST_SPARE + number)


def _defects(context: Context) -> list[Defect]:
    later = (context.day + dt.timedelta(days=2)).isoformat()
    return [
        Defect("VAL-01", {"sample_no": BLANK}),
        Defect("VAL-02", lambda r: {"certificate_no": r["certificate_no"][-8:]}),
        Defect("VAL-04", {"ccc_code": ""}),
        Defect("VAL-05", {"ccc_code": "09150"}),
        Defect("VAL-06", {"product_name": ""}),
        Defect("VAL-07", {"sampled_on": ""}),
        Defect("VAL-08", {"sampled_on": NO_DATE}),
        Defect("VAL-09", {"holder_name": BLANK}),
        Defect("VAL-10", lambda r: {"holder_uscc": wrong_check(r["holder_uscc"])}),
        Defect("VAL-10", lambda r: {"holder_uscc": look_alike(r["holder_uscc"])}),
        Defect("VAL-11", {"consistency": ""}),
        Defect("VAL-12", {"consistency": "基本一致"}),
        Defect("VAL-13", {"test_conclusion": ""}),
        Defect("VAL-14", {"test_conclusion": "未检"}),
        Defect("VAL-15", {"disposition": "罚款"}),
        Defect("VAL-16", {"disposition": "整改", "disposition_on": NO_DATE}),
        Defect("VAL-17", lambda r: {"disposition": "整改", "disposition_on": _day_before(r["sampled_on"])}),
        Defect("VAL-18", {"reported_on": ""}),
        Defect("VAL-19", {"reported_on": "2026-02-31"}),
        Defect("VAL-20", lambda r: {"reported_on": _day_before(r["sampled_on"])}),
        Defect("VAL-21", {"reported_on": later}),
        Defect("VAL-28", {"test_conclusion": "不合格", "disposition": "撤销", "disposition_on": ""}),
        Defect("VAL-29", {"test_conclusion": "不合格", "disposition": "暂停", "disposition_on": later}),
    ]


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def _as_written(fields: Fields, number: int) -> Fields:
    """Habits of the writer that change nothing of what the row says."""
    habits: list[Fields] = [
        {"holder_uscc": fields["holder_uscc"].lower()},
        {"holder_name": f"\u3000{fields['holder_name']}"},
        {"test_conclusion": f" {fields['test_conclusion']} "},
        {"sample_no": f"{fields['sample_no']} "},
    ]
    return fields | habits[number % 13] if number % 13 < len(habits) else fields
