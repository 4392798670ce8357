"""Supervision checks planted to be quarantined, at least one per rule; ids as in ``expectations/``."""

import datetime as dt

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, NO_REGION, Defect, look_alike, wrong_check

_CORRECTED = {"conclusion": "发现问题已责令改正"}


def defects(context: Context) -> list[Defect]:
    """Every rule that quarantines a check, with a change that breaks it and no other."""
    today, later = context.day.isoformat(), (context.day + dt.timedelta(days=3)).isoformat()
    return [
        Defect("SUP-01", {"check_no": BLANK}),
        Defect("SUP-02", {"kind": ""}),
        Defect("SUP-03", {"kind": "巡查"}),
        Defect("SUP-04", {"programme": ""}),
        Defect("SUP-05", {"programme": "专项整治"}),
        Defect("SUP-06", {"authority_name": BLANK}),
        Defect("SUP-07", {"authority_uscc": ""}),
        Defect("SUP-08", lambda r: {"authority_uscc": wrong_check(r["authority_uscc"])}),
        Defect("SUP-09", {"party_name": BLANK}),
        Defect("SUP-10", lambda r: {"party_uscc": wrong_check(r["party_uscc"])}),
        Defect("SUP-10", lambda r: {"party_uscc": look_alike(r["party_uscc"])}),
        Defect("SUP-11", {"party_region_code": NO_REGION}),
        Defect("SUP-12", {"checked_on": ""}),
        Defect("SUP-13", {"checked_on": NO_DATE}),
        Defect("SUP-14", {"result": BLANK}),
        Defect("SUP-15", {"result": "安全员电话13800138000，未持证上岗。"}),
        Defect("SUP-16", {"conclusion": ""}),
        Defect("SUP-17", {"conclusion": "基本合格"}),
        Defect("SUP-18", _CORRECTED | {"corrected_on": "2026-02-31"}),
        Defect("SUP-19", lambda r: _CORRECTED | {"corrected_on": _day_before(r["checked_on"])}),
        Defect("SUP-20", _CORRECTED | {"corrected_on": later}),
        Defect("SUP-21", {"corrected_on": today}),
        Defect("SUP-22", {"reported_on": ""}),
        Defect("SUP-23", {"reported_on": NO_DATE}),
        Defect("SUP-24", lambda r: {"reported_on": _day_before(r["checked_on"])}),
        Defect("SUP-25", {"reported_on": later}),
        Defect("SUP-26", {"result": "长" * 2001}),
    ]


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
