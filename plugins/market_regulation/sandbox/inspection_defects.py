"""Inspection reports planted to be refused or doubted; ids as in ``expectations/agency_inspections.yml``."""

import datetime as dt
from collections.abc import Callable, Mapping

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import (
    BLANK,
    NO_REGION,
    Defect,
    look_alike,
    registered_nowhere,
    wrong_check,
    wrong_inside,
)

DateForm = Callable[[dt.date], str]


def inspection_defects(context: Context, agency: str, form: DateForm) -> list[Defect]:
    """Changes that make a report be refused, for rules that the agency's template can break."""
    no_date = form(dt.date(2024, 2, 29)).replace("2024", "2026")
    return [
        Defect("INS-01", {"report_no": BLANK}),
        Defect("INS-03", lambda r: {"device_code": r["device_code"][:-1]}),
        Defect("INS-04", {"region_code": ""}),
        Defect("INS-05", {"region_code": NO_REGION}),
        Defect("INS-06", {"user_unit_name": "无"}),
        Defect("INS-07", lambda r: {"user_unit_uscc": wrong_check(r["user_unit_uscc"])}),
        Defect("INS-07", lambda r: {"user_unit_uscc": look_alike(r["user_unit_uscc"])}),
        Defect("INS-09", lambda r: {"agency_uscc": wrong_check(r["agency_uscc"])}),
        Defect("INS-42", {"agency_uscc": "/"}),
        Defect("INS-10", {"inspection_type": ""}),
        Defect("INS-11", {"inspection_type": "委托检验"}),
        Defect("INS-12", {"inspected_on": "—"}),
        Defect("INS-13", {"inspected_on": no_date}),
        Defect("INS-14", {"reported_on": no_date}),
        Defect("INS-15", lambda r: {"reported_on": form(_day_before_inspection(r))}),
        Defect("INS-16", {"conclusion": "N/A"}),
        Defect("INS-17", {"conclusion": "待定"}),
        Defect("INS-18", {"next_due_on": no_date}),
        Defect("INS-19", lambda r: {"next_due_on": r["inspected_on"]}),
        Defect("INS-20", {"use_state": "在用待报"}),
        Defect("INS-29", lambda r: _device("3990", "310002021", r)),
        Defect("INS-40", {"reported_on": form(context.day + dt.timedelta(days=3))}),
        Defect("INS-22", {"inspected_on": form(context.day + dt.timedelta(days=3)), "reported_on": ""}),
        *(
            []
            if agency == "sh"  # its name is a constant of its profile, and it has neither track nor version
            else [
                Defect("INS-23", {"agency_name": ""}),
                Defect("INS-35", {"track": "内外部检验"}),
                Defect("INS-36", {"report_version": "修订版"}),
            ]
        ),
    ]


def _day_before_inspection(fields: Mapping[str, str]) -> dt.date:
    return dt.date.fromisoformat(fields["_inspected"]) - dt.timedelta(days=1)


def inspection_doubts(form: DateForm) -> list[Defect]:
    """Changes that make a report be accepted with a warning."""
    return [
        Defect("INS-02", {"device_code": "/"}),
        Defect("INS-25", lambda r: {"user_unit_uscc": wrong_inside(r["user_unit_uscc"])}),
        Defect("INS-26", lambda r: {"user_unit_uscc": registered_nowhere(r["user_unit_uscc"])}),
        Defect("INS-30", lambda r: _device("3990", "310002009", r)),  # a 品种 of the catalogue before 2014
        Defect("INS-31", lambda r: _device("3110", "310002019", r) | {"device_kind": "叉车"}),
        Defect("INS-32", lambda r: _device("3110", "999999201408", r)),
        Defect("INS-33", lambda r: _device("3110", "310002049", r)),
        Defect("INS-34", lambda r: _device("3110", "310002019", r) | {"use_certificate_no": "容11沪A00001(19)"}),
        Defect("INS-41", lambda r: {"next_due_on": form(dt.date.fromisoformat(r["_inspected"]).replace(year=2045))}),
    ]


def _device(category: str, maker_and_year: str, fields: Mapping[str, str]) -> dict[str, str]:
    """A lift whose code begins so and ends like that of the report; its certificate fits.

    ``maker_and_year`` is 9 characters for a 设备代码, 12 for a 注册代码.
    """
    digits = 5 if len(maker_and_year) == 9 else 4
    return {
        "device_code": f"{category}{maker_and_year}{fields['device_code'][-digits:]}",
        "device_kind": "电梯",
        "use_certificate_no": f"梯{category[1:3]}沪A00001(19)",
    }
