"""Listings planted to be quarantined, at least one per rule; ids as in ``expectations/amr_serious_listings.yml``."""

import datetime as dt

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, NO_REGION, Defect, look_alike, wrong_check

_IDENTITY_NUMBER = "11010519491231002X"  # the well-known specimen, nobody's
_REMOVED = {"stage": "移出", "removal_reason": "期满移出", "removing_authority": "某市市场监督管理局"}


def defects(context: Context) -> list[Defect]:
    """Every rule that quarantines a listing, with a change that breaks it and no other."""
    today, later = context.day.isoformat(), (context.day + dt.timedelta(days=5)).isoformat()
    return [
        Defect("LST-01", {"document_no": BLANK}),
        Defect("LST-02", {"document_no": f"沪市监列严〔2026〕{'1' * 120}号"}),
        Defect("LST-03", {"authority_name": ""}),
        Defect("LST-04", {"authority_uscc": BLANK}),
        Defect("LST-05", lambda r: {"authority_uscc": wrong_check(r["authority_uscc"])}),
        Defect("LST-06", {"party_key": BLANK}),
        Defect("LST-07", {"party_key": _IDENTITY_NUMBER}),
        Defect("LST-08", {"party_name": BLANK}),
        Defect("LST-09", {"party_kind": ""}),
        Defect("LST-10", {"party_kind": "企业"}),
        Defect("LST-11", lambda r: {"party_uscc": wrong_check(r["party_uscc"])}),
        Defect("LST-11", lambda r: {"party_uscc": look_alike(r["party_uscc"])}),
        Defect("LST-12", {"party_kind": "自然人"}),
        Defect("LST-13", {"party_region_code": NO_REGION}),
        Defect("LST-14", {"stage": ""}),
        Defect("LST-15", {"stage": "审查"}),
        Defect("LST-16", {"category": ""}),
        Defect("LST-17", {"category": "环境保护"}),
        Defect("LST-18", {"reason": BLANK}),
        Defect("LST-19", {"reason": f"负责人（身份证号{_IDENTITY_NUMBER}）提供虚假报告。"}),
        Defect("LST-20", {"listed_on": ""}),
        Defect("LST-21", {"listed_on": NO_DATE}),
        Defect("LST-22", {"listed_on": later, "served_on": ""}),
        Defect("LST-23", {"served_on": NO_DATE}),
        Defect("LST-24", lambda r: {"served_on": _day_before(r["listed_on"])}),
        Defect("LST-25", {"publicity_notice_served_on": "2026-13-01"}),
        Defect("LST-26", {"publicity_notice_served_on": later}),
        Defect("LST-27", _REMOVED | {"removed_on": NO_DATE}),
        Defect("LST-28", lambda r: _REMOVED | {"removed_on": _day_before(r["listed_on"])}),
        Defect("LST-29", _REMOVED | {"removed_on": later}),
        Defect("LST-30", {"stage": "移出"}),
        Defect("LST-31", _REMOVED | {"removed_on": today, "removing_authority": ""}),
        Defect("LST-32", {"removal_reason": "领导批示"}),
        Defect("LST-33", {"party_name": "长" * 201}),
    ]


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
