"""Penalties by other departments planted to be quarantined, at least one per rule; ids as in ``expectations/``."""

import datetime as dt

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, Defect, look_alike, wrong_check


def defects(context: Context) -> list[Defect]:
    """Every rule that quarantines a case, with a change that breaks it and no other."""
    later = (context.day + dt.timedelta(days=6)).isoformat()
    return [
        Defect("ODP-01", {"caseid": BLANK}),
        Defect("ODP-02", {"datadept": ""}),
        Defect("ODP-03", {"entname": BLANK}),
        Defect("ODP-04", lambda r: {"uniscid": wrong_check(r["uniscid"])}),
        Defect("ODP-04", lambda r: {"uniscid": look_alike(r["uniscid"])}),
        Defect("ODP-05", {"pendecno": ""}),
        Defect("ODP-06", {"illegacttype": BLANK}),
        Defect("ODP-07", {"pentype": ""}),
        Defect("ODP-08", {"pentype": "02"}),
        Defect("ODP-09", {"penam": "五万"}),
        Defect("ODP-10", {"penam": "-1", "pentype": "1"}),
        Defect("ODP-11", {"forfam": "若干"}),
        Defect("ODP-12", {"forfam": "-0.5"}),
        Defect("ODP-13", {"pencontent": BLANK}),
        Defect("ODP-14", {"remark": "联系电话13800138000"}),
        Defect("ODP-15", {"judauth": ""}),
        Defect("ODP-16", {"pendecissdate": ""}),
        Defect("ODP-17", {"pendecissdate": NO_DATE}),
        Defect("ODP-18", {"pendecissdate": later, "received_on": ""}),
        Defect("ODP-19", {"publicdate": NO_DATE}),
        Defect("ODP-20", {"received_on": "2026-02-29"}),
        Defect("ODP-21", lambda r: {"received_on": _day_before(r["pendecissdate"])}),
        Defect("ODP-22", {"received_on": later}),
        Defect("ODP-23", {"revoked_on": NO_DATE}),
        Defect("ODP-24", lambda r: {"revoked_on": _day_before(r["pendecissdate"])}),
        Defect("ODP-25", {"revoked_on": later}),
        Defect("ODP-26", {"illegacttype": "违" * 201}),
    ]


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
