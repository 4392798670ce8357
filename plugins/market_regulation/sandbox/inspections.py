"""Deliveries of special-equipment inspection results: two agencies, each with its own template.

Mix of device kinds after domain.md 7.1, conclusions after 6.4.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import chain

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import full_width
from market_regulation.sandbox.dirt import Fields, Line, strewn
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.inspection_cases import planted_reports
from market_regulation.sandbox.inspection_defects import DateForm, inspection_defects, inspection_doubts
from market_regulation.sandbox.names import JIANGSU_INSTITUTE, SHANGHAI_INSTITUTE
from market_regulation.sandbox.register import Enterprise, enterprise

SOURCE = "agency_inspections"
FIRST_SPARE = 500_000

# per mille of the devices: kind, its code in the catalogue, first character of the use certificate, conclusions
KINDS = [
    (493, "曳引驱动乘客电梯", "3110", "梯", ("合格", "不合格", "复检合格", "复检不合格")),
    (254, "固定式压力容器", "2150", "容", ("符合要求", "不符合要求", "基本符合要求", "报废")),
    (143, "桥式起重机", "4110", "起", ("合格", "不合格", "复检合格", "复检不合格")),
    (91, "叉车", "5110", "车", ("合格", "不合格", "复检合格", "复检不合格")),
    (17, "承压蒸汽锅炉", "1100", "锅", ("符合要求", "不符合要求", "基本符合要求", "报废")),
    (2, "观览车", "6100", "游", ("合格", "不合格", "复检合格", "复检不合格")),
]

TRACKS = {"锅": ("外部检验", "内部检验", "水压试验"), "容": ("年度检验", "全面检验")}

SHANGHAI = Template(
    {
        "序号": "",
        "报告编号": "report_no",
        "设备代码": "device_code",
        "使用登记证编号": "use_certificate_no",
        "设备种类": "device_kind",
        "区划代码": "region_code",
        "使用单位": "user_unit_name",
        "使用单位统一社会信用代码": "user_unit_uscc",
        "检验机构代码": "agency_uscc",
        "检验类型": "inspection_type",
        "检验日期": "inspected_on",
        "报告日期": "reported_on",
        "检验结论": "conclusion",
        "下次检验日期": "next_due_on",
        "使用状态": "use_state",
    },
    encoding="gb18030",
    line_end="\r\n",
)
JIANGSU = Template(
    {
        "报告书编号": "report_no",
        "版次": "report_version",
        "设备注册代码": "device_code",
        "登记证号": "use_certificate_no",
        "设备类别": "device_kind",
        "行政区划": "region_code",
        "使用单位名称": "user_unit_name",
        "信用代码": "user_unit_uscc",
        "检验机构": "agency_name",
        "检验机构信用代码": "agency_uscc",
        "检验性质": "inspection_type",
        "检验项目": "track",
        "检验时间": "inspected_on",
        "出具时间": "reported_on",
        "结论": "conclusion",
        "下检日期": "next_due_on",
        "状态": "use_state",
        "备注": "",
    },
    encoding="utf-8-sig",
    delimiter=";",
    words={
        "inspection_type": {"定期检验": "定检", "监督检验": "监检", "自行检测": "自检"},
        "use_state": {"在用": "001", "停用": "002", "报废": "003", "拆除": "004"},
    },
)


def shanghai_date(day: dt.date) -> str:
    """2026/3/5."""
    return f"{day.year}/{day.month}/{day.day}"


def jiangsu_date(day: dt.date) -> str:
    """2026年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def deliver(context: Context) -> Iterator[BadRow]:
    """Drop the day's two files and yield the rows planted to be rejected."""
    return chain(_file(context, "sh", SHANGHAI, 300, shanghai_date), _file(context, "js", JIANGSU, 200, jiangsu_date))


def _file(context: Context, agency: str, template: Template, rows: int, form: DateForm) -> Iterator[BadRow]:
    planned = context.volume(rows)
    good = (_as_written(report(context, agency, number, form), number) for number in range(planned))
    lines: Iterator[Line] = strewn(
        good,
        planned,
        lambda place: report(context, agency, FIRST_SPARE + place, form),
        inspection_defects(context, agency, form),
        lambda fields: fields | {"user_unit_name": fields["user_unit_name"] + "（分厂）"},
        inspection_doubts(form),
    )
    if agency == "js":
        planted = planted_reports(context, lambda on, number: report(on, agency, number, form), form)
        lines = chain(lines, map(Line, planted))
    return drop(SOURCE, f"{agency}_{context.day:%Y%m%d}.csv", template, lines)


def report(context: Context, agency: str, number: int, form: DateForm) -> Fields:
    """A good report in canonical words, dates in the agency's form."""
    rng = context.rng("inspection", agency, number)
    _, kind, code, character, (passed, failed, retested, last) = rng.choices(KINDS, [kind[0] for kind in KINDS])[0]
    user: Enterprise = enterprise(context.seed, rng.randrange(context.enterprises))
    name, uscc = SHANGHAI_INSTITUTE if agency == "sh" else JIANGSU_INSTITUTE
    built, province = rng.randrange(2008, 2025), "沪" if agency == "sh" else "苏"
    inspected = context.ago(rng.randrange(1, 15))
    device_no = rng.randrange(100_000)
    legacy = number % 11 == 5
    inspection_type = rng.choices(("定期检验", "监督检验", "自行检测"), (75, 15, 10))[0]
    if inspection_type == "自行检测" and character != "梯":
        inspection_type = "定期检验"
    reported = inspected + dt.timedelta(days=rng.randrange(0, 2))
    tracks = TRACKS.get(character, ("",)) if inspection_type == "定期检验" else ("",)
    conclusion = rng.choices((passed, failed, retested, last), (94, 2, 3, 1))[0]
    use_state = rng.choices(("在用", "停用", "报废", "拆除"), (96, 2, 1, 1))[0]
    return {
        "report_no": f"{agency.upper()}-{context.day:%Y%m%d}-{number:07d}",
        "device_code": f"{code}{user.region_code}{built}{1 + device_no % 12:02d}{device_no % 10_000:04d}"
        if legacy
        else f"{code}{rng.choice(('10', '31', '32'))}{rng.randrange(1000):03d}{built}{device_no:05d}",
        "use_certificate_no": f"{character}{code[1:3]}{province}A{device_no:05d}({built % 100:02d})",
        "device_kind": kind,
        "region_code": user.region_code,
        "user_unit_name": user.name_on(context.day),
        "user_unit_uscc": user.uscc,
        "agency_name": name,
        "agency_uscc": uscc,
        "inspection_type": inspection_type,
        "track": tracks[number % len(tracks)],
        "report_version": "1" if number % 2 else "",
        "inspected_on": form(inspected),
        "reported_on": form(reported),
        "conclusion": conclusion,
        "next_due_on": form(inspected + dt.timedelta(days=365)),
        "use_state": "报废" if conclusion == "报废" else use_state,
        "_inspected": inspected.isoformat(),
    }


def _as_written(fields: Fields, number: int) -> Fields:
    """Habits of the writers that change nothing of what the row says."""
    habits: list[Fields] = [
        {"user_unit_uscc": full_width(fields["user_unit_uscc"])},
        {"user_unit_uscc": fields["user_unit_uscc"].lower()},
        {"user_unit_uscc": f"{fields['user_unit_uscc'][:2]} {fields['user_unit_uscc'][2:]}"},
        {"user_unit_name": f"\u3000{fields['user_unit_name']} "},
        {"device_code": f" {fields['device_code']}\u3000"},
        {"conclusion": f"{fields['conclusion']} "},
        {"use_certificate_no": "/"},
        {"next_due_on": "无"},
        {"inspected_on": full_width(fields["inspected_on"])},
        {"report_no": fields["report_no"].lower()},
    ]
    return fields | habits[number % 41 % len(habits)] if number % 41 < len(habits) else fields
