"""Samples of product-quality spot checks (监督抽查) as the API hands them out, and what must be shown of them."""

import datetime as dt
import random
from typing import Any, Literal

from market_regulation.sandbox.cases import Event, Payload
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.names import SAMPLING_AUTHORITY
from market_regulation.sandbox.register import Enterprise

Sample = dict[str, Any]  # canonical column -> text, list of failed items or None
Role = Literal["producer", "seller"]
ROLES: tuple[Role, ...] = ("producer", "seller")

# category, product, standard, failed items as (item, limit, measured)
PRODUCTS = [
    (
        "电动自行车",
        "电动自行车充电器",
        "GB 42296-2022",
        [("输出电压", "≤60 V", "63.4 V"), ("耐热性", "符合", "不符合")],
    ),
    ("移动电源", "便携式移动电源", "GB 4943.1-2022", [("有效输出容量", "≥5600 mAh", "4310 mAh")]),
    ("儿童用品", "毛绒玩具", "GB 6675.2-2014", [("小零件", "不得脱落", "脱落"), ("缝线强度", "≥70 N", "41 N")]),
    ("燃气器具", "家用燃气灶", "GB 16410-2020", [("熄火保护装置闭阀时间", "≤60 s", "88 s")]),
    ("电线电缆", "聚氯乙烯绝缘软电缆", "GB/T 5023.5-2008", [("导体电阻", "≤13.3 Ω/km", "15.9 Ω/km")]),
    ("家具", "实木课桌椅", "GB 18584-2001", [("甲醛释放量", "≤1.5 mg/L", "2.7 mg/L")]),
]
FOODS = [("食品", "酱卤肉制品", "GB 2726-2016", [("菌落总数", "≤100000 CFU/g", "230000 CFU/g")])]


def sample(
    context: Context, number: int, parties: dict[Role, Enterprise], *, failed: bool = True, food: bool = False
) -> Sample:
    """A sample in canonical words, reported well before the business day.

    Args:
        context: The delivery day.
        number: Running number within the day; makes the sample number unique.
        parties: Nominal producer and seller, one of them at least.
        failed: Whether the conclusion is 不合格.
        food: Whether it is food, whose disclosure is not dispatched here.
    """
    rng = context.rng("spot check", number)
    category, product, standard, items = rng.choice(FOODS if food else PRODUCTS)
    level, plan = rng.choice((("国家", "国家监督抽查"), ("省", "省级监督抽查"), ("市", "市级监督抽查")))
    sampled = context.ago(rng.randrange(75, 110))
    made: Sample = {
        "sample_no": f"CC{context.day:%Y%m%d}{number:07d}",
        "level": level,
        "plan_name": f"{context.day.year}年{category}{plan}",
        "authority_name": SAMPLING_AUTHORITY[0],
        "authority_uscc": SAMPLING_AUTHORITY[1],
        "product_domain": "food" if food else "product",
        "product_category": category,
        "product_name": product,
        "brand": rng.choice(("安捷", "星途", "小鹿", None)),
        "model": f"{rng.choice('ABKXZ')}{rng.randrange(10, 99)}",
        "batch_no": f"{sampled - dt.timedelta(days=90):%Y%m}-{rng.randrange(10, 99)}",
        "produced_on": (sampled - dt.timedelta(days=rng.randrange(20, 200))).isoformat(),
        "sampling_field": (field := _field(rng, parties)),
        "platform_name": "某网络交易平台" if field == "电子商务" else None,
        "sampled_on": sampled.isoformat(),
        "tested_on": context.ago(72).isoformat(),
        "standard": standard,
        "failed_items": _failed_items(items) if failed else [],
        "conclusion": "不合格" if failed else "合格",
        "report_no": f"R{context.day:%Y%m%d}{number:07d}",
        "reported_on": context.ago(rng.randrange(60, 70)).isoformat(),
    }
    for role in ROLES:
        party = parties.get(role)
        made[f"{role}_name"] = party.name_on(context.day) if party else None
        made[f"{role}_uscc"] = party.uscc if party else None
        made[f"{role}_region_code"] = party.region_code if party else None
    return made


def event(context: Context, of: Sample, kind: str, event_on: dt.date, role: Role | None = None) -> Event:
    """An event of the sample, or of one of its parties when ``role`` is given."""
    source_key = f"{of['sample_no']}|{role}" if role else of["sample_no"]
    name = f"EV{context.day:%Y%m%d}{of['sample_no']}-{role or 'sample'}-{kind}"
    return Event(name, source_key, kind, event_on.isoformat(), of["report_no"])


def payload(of: Sample, role: Role, final_on: dt.date, retest: Literal["none", "confirmed"]) -> Payload:
    """What must be shown of the sample for one of its parties."""
    as_they_are = (
        "authority_name", "authority_uscc", "batch_no", "brand", "conclusion", "failed_items", "level", "model",
        "plan_name", "produced_on", "producer_name", "product_name", "sample_no", "seller_name", "standard",
    )  # fmt: skip
    return {column: of[column] for column in as_they_are} | {
        "final_on": final_on.isoformat(),
        "recheck_on": None,
        "recheck_result": None,
        "retest": retest,
        "subject_name": of[f"{role}_name"],
        "subject_role": role,
        "subject_uscc": of[f"{role}_uscc"],
    }


def _field(rng: random.Random, parties: dict[Role, Enterprise]) -> str:
    return rng.choice(("流通领域", "电子商务")) if "seller" in parties else "生产领域"


def _failed_items(items: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"item": item, "limit": limit, "measured": measured} for item, limit, measured in items]
