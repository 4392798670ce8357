"""Delivery of the CCC validity checks (有效性抽查): samples of certified products; fail rate after domain.md 5.6."""

import datetime as dt
from collections.abc import Iterator

from market_regulation.sandbox.certificates import AT_SCALE_1, certificate
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, Defect, look_alike, wrong_check
from market_regulation.sandbox.dirt import Fields, strewn
from market_regulation.sandbox.drop import BadRow, Template, drop

SOURCE = "cnca_validity_checks"
FIRST_SPARE = 500_000

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


def deliver(context: Context) -> Iterator[BadRow]:
    """Drop the day's file and yield the rows planted to be rejected."""
    planned = context.volume(40)
    lines = strewn(
        (_as_written(_fields(context, number), number) for number in range(planned)),
        planned,
        lambda place: _fields(context, FIRST_SPARE + place),
        _defects(context),
        lambda good: good | {"model": "另一型号"},
        DOUBTS,
    )
    return drop(SOURCE, f"validity_checks_{context.day:%Y%m%d}.csv", TEMPLATE, lines)


def _fields(context: Context, number: int) -> Fields:
    rng = context.rng("validity check", number)
    found = certificate(context, rng.randrange(context.volume(AT_SCALE_1)))
    sampled = context.ago(rng.randrange(20, 50))
    reported = context.ago(rng.randrange(1, 15))
    failed = rng.random() < 0.135
    return {
        "sample_no": f"CCC{context.day:%Y%m%d}{number:06d}",
        "certificate_no": found.number,
        "ccc_code": found.ccc_code,
        "product_name": found.product,
        "model": found.model,
        "sampled_on": sampled.isoformat(),
        "holder_name": found.holder.name_on(context.day),
        "holder_uscc": found.holder.uscc,
        "factory_name": found.factory.name_on(context.day),
        "consistency": "不一致" if failed and number % 2 else "一致",
        "test_conclusion": "不合格" if failed else "合格",
        "disposition": rng.choice(("暂停", "撤销", "整改")) if failed else "",
        "disposition_on": reported.isoformat() if failed else "",
        "body_name": found.body[1],
        "lab_name": "国家质量检验检测中心（沙箱）",
        "reported_on": reported.isoformat(),
    }


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


DOUBTS = [
    Defect("VAL-26", {"test_conclusion": "不合格", "disposition": "", "disposition_on": ""}),
    Defect("VAL-30", {"certificate_no": ""}),
    Defect("VAL-27", lambda r: {
        "consistency": "一致", "test_conclusion": "合格", "disposition": "暂停", "disposition_on": r["reported_on"],
    }),
]  # fmt: skip


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
