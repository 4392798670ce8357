"""Samples planted to be quarantined, at least one per rule; ids as in ``expectations/samr_spot_checks.yml``."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, NO_REGION, Defect, look_alike, wrong_check
from market_regulation.sandbox.dirt import CONFLICT_RULE, SHARE
from market_regulation.sandbox.spot_check_cases import Situation, SpotCheck, make, over

FIRST_ROW = 1000  # running number of the first broken sample of a day


def _defects(context: Context) -> list[Defect]:
    later = (context.day + dt.timedelta(days=4)).isoformat()
    return [
        Defect("SPT-01", {"sample_no": BLANK}),
        Defect("SPT-02", {"level": "区"}),
        Defect("SPT-03", {"level": None}),
        Defect("SPT-04", {"authority_name": ""}),
        Defect("SPT-05", {"authority_uscc": None}),
        Defect("SPT-06", lambda r: {"authority_uscc": wrong_check(r["authority_uscc"])}),
        Defect("SPT-07", {"product_domain": None}),
        Defect("SPT-08", {"product_domain": "cosmetics"}),
        Defect("SPT-09", {"product_name": BLANK}),
        Defect("SPT-11", lambda r: {"producer_uscc": wrong_check(r["producer_uscc"])}),
        Defect("SPT-11", lambda r: {"producer_uscc": look_alike(r["producer_uscc"])}),
        Defect("SPT-12", lambda r: {"seller_uscc": wrong_check(r["seller_uscc"])}),
        Defect("SPT-13", {"producer_region_code": NO_REGION}),
        Defect("SPT-14", {"seller_region_code": NO_REGION}),
        Defect("SPT-15", {"sampling_field": "餐饮环节"}),
        Defect("SPT-16", {"sampled_on": None}),
        Defect("SPT-17", {"sampled_on": NO_DATE}),
        Defect("SPT-18", lambda r: {"produced_on": _moved(r["sampled_on"], 1)}),
        Defect("SPT-19", {"reported_on": ""}),
        Defect("SPT-20", {"reported_on": "2025-02-29"}),
        Defect("SPT-21", lambda r: {"reported_on": _moved(r["sampled_on"], -1), "tested_on": None}),
        Defect("SPT-22", {"conclusion": None}),
        Defect("SPT-23", {"conclusion": "基本合格"}),
        Defect("SPT-24", {"failed_items": "输出电压不合格"}),
        Defect("SPT-24", {"failed_items": [{"name": "输出电压"}]}),
        Defect("SPT-24", {"failed_items": [{"item": "", "limit": None, "measured": None}]}),
        Defect("SPT-25", {"failed_items": []}),
        Defect("SPT-25", {"conclusion": "合格"}),
        Defect("SPT-26", {"producer_name": None, "seller_name": BLANK}),
        Defect("SPT-28", {"reported_on": later}),
        Defect("SPT-29", {"product_name": "充电器" * 67}),
        Defect("SPT-38", {"sampling_field": "流通领域", "seller_name": None}),
        Defect("SPT-40", {"tested_on": NO_DATE}),
        Defect("SPT-41", lambda r: {"tested_on": _moved(r["sampled_on"], -1)}),
        Defect("SPT-42", lambda r: {"tested_on": _moved(r["reported_on"], 1)}),
        Defect("SPT-43", {"notified_on": "2026-04-31"}),
        Defect("SPT-44", lambda r: {"notified_on": _moved(r["reported_on"], -1)}),
        Defect("SPT-45", {"notified_on": later}),
        Defect("SPT-46", {"retest_conclusion": "复检不合格", "retested_on": context.day.isoformat()}),
        Defect("SPT-47", {"retest_conclusion": "不合格", "retested_on": NO_DATE}),
        Defect("SPT-48", lambda r: {"retest_conclusion": "不合格", "retested_on": _moved(r["reported_on"], -1)}),
        Defect("SPT-49", {"retest_conclusion": "不合格"}),
        Defect("SPT-51", {"retest_conclusion": "不合格", "retested_on": later}),
    ]


def broken_samples(context: Context) -> Iterator[SpotCheck]:
    """Samples that would be published if nobody looked: failed, served, windows over, but for one defect."""
    served, end = over(context)
    defects = _defects(context)
    for place in range(max(len(defects), round(SHARE * context.volume(120)))):
        defect = defects[place % len(defects)]
        good = make(context, FIRST_ROW + place, Situation("broken", served, (), end))
        yield SpotCheck(defect.broken(good.sample), good.events, rule_id=defect.rule_id)


def conflicting(of: dict[str, Any]) -> SpotCheck:
    """The same sample again with another content: the later one is refused."""
    return SpotCheck(of | {"model": "另一型号"}, rule_id=CONFLICT_RULE)


def _moved(day: str, days: int) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days=days)).isoformat()
