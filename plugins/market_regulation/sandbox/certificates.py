"""Delivery of the CCC certificates: a snapshot of all of them each day, in which a few states have changed.

A certificate is a pure function of (seed, number). States and their transitions after domain.md 5.5. The broken rows
are others each day, so two snapshots never have the same bytes.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from market_regulation.sandbox.context import Context, dice
from market_regulation.sandbox.defects import (
    BLANK,
    NO_DATE,
    Defect,
    full_width,
    look_alike,
    registered_nowhere,
    wrong_check,
    wrong_inside,
)
from market_regulation.sandbox.dirt import Fields, strewn
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.register import Enterprise, enterprise

SOURCE = "cnca_certificates"
AT_SCALE_1 = 800
FIRST_SPARE = 900_000  # every fourth from here: none has an old number of 12 digits
ENDED_ON = dt.date(2025, 12, 1)
ROUND = 160  # days until the same certificate is suspended again

# code of the catalogue, product, standard
PRODUCTS = [
    ("0915", "移动电源", "GB 4943.1-2022"),
    ("0914", "锂离子电池和电池组", "GB 31241-2022"),
    ("1119", "电动自行车", "GB 17761-2024"),
    ("0713", "家用燃气灶具", "GB 16410-2020"),
    ("2201", "电玩具", "GB 19865-2005"),
    ("1811", "可燃气体探测报警产品", "GB 15322.2-2019"),
    ("0105", "聚氯乙烯绝缘电缆", "GB/T 5023.3-2008"),
]
BODIES = [("01", "中国质量认证中心"), ("02", "方圆标志认证集团"), ("11", "中国安全技术防范认证中心")]

TEMPLATE = Template(
    {
        "证书编号": "certificate_no",
        "状态": "status",
        "状态日期": "status_on",
        "颁证日期": "issued_on",
        "到期日期": "expires_on",
        "首次颁证日期": "first_issued_on",
        "产品类别代码": "ccc_code",
        "产品名称": "product_name",
        "型号": "model",
        "依据标准": "standard",
        "委托人": "applicant_name",
        "委托人代码": "applicant_uscc",
        "制造商": "manufacturer_name",
        "生产企业": "factory_name",
        "生产企业代码": "factory_uscc",
        "机构代码": "body_code",
        "发证机构": "body_name",
    }
)

DEFECTS = [
    Defect("CRT-01", {"certificate_no": BLANK}),
    Defect("CRT-02", lambda r: {"certificate_no": r["certificate_no"][-9:]}),
    Defect("CRT-02", lambda r: {"certificate_no": r["certificate_no"] * 3}),
    Defect("CRT-04", {"status": ""}),
    Defect("CRT-05", {"status": "冻结"}),
    Defect("CRT-06", {"status_on": ""}),
    Defect("CRT-07", {"status_on": NO_DATE}),
    Defect("CRT-08", {"issued_on": "", "first_issued_on": ""}),
    Defect("CRT-09", {"issued_on": "2025-02-29"}),
    Defect("CRT-10", {"expires_on": NO_DATE}),
    Defect("CRT-11", lambda r: {"expires_on": r["issued_on"]}),
    Defect("CRT-12", {"first_issued_on": "2023-04-31"}),
    Defect("CRT-13", lambda r: {"first_issued_on": _day_after(r["issued_on"])}),
    Defect("CRT-14", {"ccc_code": ""}),
    Defect("CRT-15", {"ccc_code": "91S"}),
    Defect("CRT-17", {"applicant_name": BLANK}),
    Defect("CRT-18", lambda r: {"applicant_uscc": look_alike(r["applicant_uscc"])}),
    Defect("CRT-18", lambda r: {"applicant_uscc": wrong_check(r["applicant_uscc"])}),
    Defect("CRT-19", {"factory_name": ""}),
    Defect("CRT-20", lambda r: {"factory_uscc": wrong_check(r["factory_uscc"])}),
    Defect("CRT-21", {"product_name": ""}),
    Defect("CRT-22", {"body_code": "CQC"}),
    Defect("CRT-23", {"status_on": "2049-12-31"}),
    Defect("CRT-31", {"status_on": "2021-12-31"}),
    Defect("CRT-33", {"issued_on": "2049-12-30", "expires_on": "2049-12-31"}),
]
DOUBTS = [
    Defect("CRT-24", lambda r: {"applicant_uscc": wrong_inside(r["applicant_uscc"])}),
    Defect("CRT-25", lambda r: {"applicant_uscc": registered_nowhere(r["applicant_uscc"])}),
    Defect("CRT-28", lambda r: {"certificate_no": "2019" + r["certificate_no"][4:]}),
    Defect("CRT-29", {"body_code": "77"}),
    Defect("CRT-30", lambda r: _of_class(r, "9901")),
    Defect("CRT-34", {"applicant_uscc": ""}),
]


@dataclass(frozen=True)
class Certificate:
    """A certificate with its product and parties; ``state_on`` gives its state.

    ``turn`` is the place in the round of suspensions: each day one certificate of 800 is suspended and one comes back
    after 60 days. None for a certificate that is never suspended.
    """

    number: str
    ccc_code: str
    product: str
    model: str
    standard: str
    body: tuple[str, str]
    issued_on: dt.date
    first_issued_on: dt.date
    holder: Enterprise
    factory: Enterprise
    turn: int | None
    ended_as: str | None

    @property
    def expires_on(self) -> dt.date:
        """Last day of validity."""
        return self.issued_on + dt.timedelta(days=1825)

    def state_on(self, day: dt.date) -> tuple[str, dt.date]:
        """(state, since when) on ``day``."""
        if self.ended_as and day >= ENDED_ON:
            return self.ended_as, ENDED_ON
        if self.expires_on < day:
            return "过期失效", self.expires_on + dt.timedelta(days=1)
        if self.turn is not None:
            phase = (day.toordinal() - self.turn) % ROUND
            suspended = day - dt.timedelta(days=phase)
            if suspended > self.issued_on:
                back = suspended + dt.timedelta(days=60)
                return ("暂停", suspended) if phase < 60 else ("有效", back)
        return "有效", self.issued_on


def certificate(context: Context, number: int) -> Certificate:
    """Certificate ``number``; the day of ``context`` does not matter."""
    rng = dice(context.seed, "certificate", number)
    ccc_code, product, standard = rng.choice(PRODUCTS)
    body = rng.choice(BODIES)
    first = dt.date(2022, 1, 1) + dt.timedelta(days=rng.randrange(1200))
    if number % 60 == 7:
        first = dt.date(2024, 2, 29)
    renewed = first + dt.timedelta(days=rng.choice((0, 0, 200)))
    code = (
        f"{first.year}{number % 100_000_000:08d}"
        if number % 50 == 9
        else f"{first.year}{body[0]}{ccc_code}{number:06d}"
    )
    return Certificate(
        number=code,
        ccc_code=ccc_code,
        product=product,
        model=f"{rng.choice('ABCDEX')}{rng.choice('KLMT')}-{rng.randrange(100, 999)}",
        standard=standard,
        body=body,
        issued_on=renewed,
        first_issued_on=first,
        holder=enterprise(context.seed, rng.randrange(context.enterprises)),
        factory=enterprise(context.seed, rng.randrange(context.enterprises)),
        turn=number // 10 * 2 + number % 10 // 4 if number % 10 in {1, 4} else None,
        ended_as={3: "注销", 23: "撤销"}.get(number % 40),
    )


def deliver(context: Context) -> Iterator[BadRow]:
    """Drop the snapshot of the day and yield the rows planted to be rejected."""
    planned = context.volume(AT_SCALE_1)
    lines = strewn(
        (
            _as_written(_fields(context, number), number)
            for number in range(planned)
            if certificate(context, number).issued_on <= context.day
        ),
        planned,
        lambda place: _fields(context, FIRST_SPARE + (context.day.toordinal() % 97 + place) * 4),
        DEFECTS,
        lambda good: good | {"model": "另一型号"},
        DOUBTS,
    )
    return drop(SOURCE, f"certificates_{context.day:%Y%m%d}.csv", TEMPLATE, lines)


def _fields(context: Context, number: int) -> Fields:
    found = certificate(context, number)
    status, since = found.state_on(context.day)
    holder = found.holder.name_on(context.day)
    return {
        "certificate_no": found.number,
        "status": status,
        "status_on": since.isoformat(),
        "issued_on": found.issued_on.isoformat(),
        "expires_on": found.expires_on.isoformat(),
        "first_issued_on": found.first_issued_on.isoformat(),
        "ccc_code": found.ccc_code,
        "product_name": found.product,
        "model": found.model,
        "standard": found.standard,
        "applicant_name": holder,
        "applicant_uscc": found.holder.uscc,
        "manufacturer_name": holder,
        "factory_name": found.factory.name_on(context.day),
        "factory_uscc": found.factory.uscc,
        "body_code": found.body[0],
        "body_name": found.body[1],
    }


def _of_class(fields: Mapping[str, str], ccc_code: str) -> Fields:
    number = fields["certificate_no"]
    return {"ccc_code": ccc_code, "certificate_no": f"{number[:6]}{ccc_code}{number[10:]}"}


def _day_after(day: str) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()


def _as_written(fields: Fields, number: int) -> Fields:
    """Habits of the writer that change nothing of what the row says."""
    habits: list[Fields] = [
        {"certificate_no": full_width(fields["certificate_no"])},
        {"applicant_uscc": fields["applicant_uscc"].lower()},
        {"status": f"{fields['status']}\u3000"},
        {"product_name": f" {fields['product_name']}\u00a0"},
        {"issued_on": full_width(fields["issued_on"])},
    ]
    return fields | habits[number % 37] if number % 37 < len(habits) else fields
