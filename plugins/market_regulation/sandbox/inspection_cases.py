"""Reports on one device that meet, and what each must come to (domain.md 11 A19), in the Jiangsu institute's file.

A later report takes the place of an earlier one of the same track only, and none does that names no track of a device
with several; a self-test is no inspection; a higher version of a report takes the place of a lower one, whichever comes
last. Versions that follow come on the next delivered day.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from market_regulation.sandbox.cases import delivered_days
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.dirt import Fields
from market_regulation.sandbox.names import JIANGSU_INSTITUTE

Make = Callable[[Context, int], Fields]
DateForm = Callable[[dt.date], str]

FIRST_NUMBER = 900_000
LIFT, BOILER, VESSEL = ("3110", "梯11", "电梯"), ("1100", "锅10", "锅炉"), ("2150", "容15", "压力容器")


@dataclass(frozen=True)
class Report:
    """A planted report on a device that no other case has.

    Attributes:
        case: Number of the case; its reports are on one device.
        device: 品种, beginning of the use certificate, kind.
        days_ago: Calendar days from the inspection to the day of delivery.
        words: What it says.
        verdict: What it must come to.
        next_words: What its other version, delivered on the next day, says.
        next_verdict: What it must come to from that day on, where that differs.
    """

    case: int
    device: tuple[str, str, str]
    days_ago: int
    words: Fields
    verdict: str
    next_words: Fields | None = None
    next_verdict: str | None = None


def _says(conclusion: str, inspection_type: str = "定期检验", track: str = "", version: str = "1") -> Fields:
    return {
        "conclusion": conclusion, "inspection_type": inspection_type, "track": track, "report_version": version,
    }  # fmt: skip


REPORTS = [
    Report(1, LIFT, 12, _says("不合格"), "NA_superseded"),
    Report(1, LIFT, 6, _says("合格"), "PASS"),
    Report(2, BOILER, 12, _says("不符合要求", track="内检"), "FAIL"),
    Report(2, BOILER, 6, _says("符合要求", track="外检"), "PASS"),
    Report(3, LIFT, 12, _says("不合格", "监督检验"), "FAIL"),
    Report(3, LIFT, 6, _says("合格"), "PASS"),
    Report(4, LIFT, 12, _says("不合格"), "FAIL"),
    Report(4, LIFT, 6, _says("合格", "自行检测"), "NA_self_test"),
    Report(5, LIFT, 6, _says("不合格"), "FAIL", _says("合格", version="2"), "PASS"),
    Report(6, LIFT, 6, _says("合格", version="2"), "PASS", _says("不合格", version="1")),
    Report(7, VESSEL, 12, _says("不符合要求"), "FAIL"),
    Report(7, VESSEL, 6, _says("符合要求"), "PASS"),
]


def planted_reports(context: Context, make: Make, form: DateForm) -> Iterator[Fields]:
    """The day's planted reports, and the other versions of those of the last delivered day before it.

    Args:
        context: The delivery day.
        make: Makes a good report of a day and number.
        form: How dates are written.
    """
    for number, report in enumerate(REPORTS):
        yield _fields(context, number, make, form) | report.words
    if earlier := [day for day in delivered_days() if day < context.day]:
        before = Context(earlier[-1], context.seed, context.scale)
        for number, report in enumerate(REPORTS):
            if report.next_words:
                yield _fields(before, number, make, form) | report.next_words


def _fields(context: Context, number: int, make: Make, form: DateForm) -> Fields:
    report = REPORTS[number]
    category, certificate, kind = report.device
    inspected = context.ago(report.days_ago)
    serial = f"{context.day.toordinal() % 1000:03d}{report.case:02d}"
    return make(context, FIRST_NUMBER + number) | {
        "report_no": report_no(context.day, number),
        "device_code": f"{category}320002025{serial}",
        "use_certificate_no": f"{certificate}苏A{serial}(25)",
        "device_kind": kind,
        "inspected_on": form(inspected),
        "reported_on": form(inspected + dt.timedelta(days=1)),
        "next_due_on": form(inspected + dt.timedelta(days=365)),
        "use_state": "在用",
    }


def report_no(day: dt.date, number: int) -> str:
    """Number of a planted report of ``day``."""
    return f"JS-{day:%Y%m%d}-{FIRST_NUMBER + number:07d}"


def source_key(day: dt.date, number: int) -> str:
    """Key of a planted report of ``day``: the agency and its number."""
    return f"{JIANGSU_INSTITUTE[1]}|{report_no(day, number)}"


def expected_verdicts(day: dt.date) -> Iterator[tuple[str, str]]:
    """(source key, verdict) on ``day`` of every report planted by then."""
    days = [delivered for delivered in delivered_days() if delivered <= day]
    for delivered in days:
        for number, report in enumerate(REPORTS):
            later = report.next_verdict if delivered != days[-1] else None
            yield source_key(delivered, number), later or report.verdict
