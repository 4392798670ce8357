"""Rows of ``submitted.penalty`` (fields after 发改办财金〔2018〕424号), publishable unless told otherwise."""

import datetime as dt
import hashlib
import random
from decimal import Decimal
from typing import Any

from market_regulation.sandbox.cases import Event, Payload
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.documents import MEDIA_TYPE, decision_letter, letter_text
from market_regulation.sandbox.names import AUTHORITIES, person
from market_regulation.sandbox.register import Enterprise, enterprise

Row = dict[str, Any]  # column of submitted.penalty -> text, bytes or None

COLUMNS = (
    "document_no", "authority_uscc", "party_key", "party_no", "party_name", "party_kind", "party_uscc",
    "party_registration_no", "legal_representative", "party_id_type", "party_id_no", "party_address",
    "party_region_code", "violation_type", "violation_fact", "penalty_basis", "penalty_kinds", "penalty_content",
    "fine_amount", "confiscated_amount", "license_revoked", "decided_on", "served_on", "service_mode",
    "publicity_notice_served_on", "repair_notice_served_on", "performed_on", "restriction_until", "valid_until",
    "publicity_until", "procedure", "authority_name", "handling_office", "maker", "checker", "document",
    "document_media_type",
)  # fmt: skip

# type of violation, facts, legal basis
VIOLATIONS = [
    (
        "使用未经定期检验的特种设备",
        "当事人使用的1台电梯超过检验有效期仍投入使用。",
        "《中华人民共和国特种设备安全法》第八十四条第（一）项",
    ),
    (
        "生产销售不合格产品",
        "当事人销售的1批次电动自行车充电器经监督抽查判定为不合格。",
        "《中华人民共和国产品质量法》第四十九条",
    ),
    (
        "擅自销售未经认证的列入目录产品",
        "当事人销售未获强制性产品认证的移动电源30只。",
        "《中华人民共和国认证认可条例》第六十六条",
    ),
    (
        "未取得许可从事生产活动",
        "当事人未取得工业产品生产许可证从事危险化学品包装物生产。",
        "《中华人民共和国工业产品生产许可证管理条例》第四十五条",
    ),
    (
        "发布虚假广告",
        "当事人在网店页面宣称产品获得并不存在的奖项。",
        "《中华人民共和国广告法》第五十五条第一款",
    ),
    (
        "未按规定明码标价",
        "当事人经营场所内12种商品未标示价格。",
        "《中华人民共和国价格法》第四十二条",
    ),
]


def party_of(found: Enterprise, day: dt.date, rng: random.Random) -> Row:
    """Columns of a registered party under the name it bore on ``day``."""
    return {
        "party_name": found.name_on(day),
        "party_kind": "个体工商户" if found.sole_trader else "法人及非法人组织",
        "party_uscc": found.uscc,
        "legal_representative": person(rng),
        "party_id_type": None,
        "party_id_no": None,
        "party_address": f"{found.city}市某路{rng.randrange(1, 900)}号",
        "party_region_code": found.region_code,
    }


def natural_person(rng: random.Random) -> Row:
    """Columns of a natural person, identity number and home address included; none of these may ever be shown."""
    return {
        "party_name": person(rng),
        "party_kind": "自然人",
        "party_uscc": None,
        "legal_representative": None,
        "party_id_type": "身份证",
        "party_id_no": _identity_number(rng),
        "party_address": f"上海市浦东新区某新村{rng.randrange(1, 200)}号{rng.randrange(101, 602)}室",
        "party_region_code": "310115",
    }


def pick(context: Context, rng: random.Random, *, sole_trader: bool = False) -> Enterprise:
    """A registered enterprise (or sole trader) whose name does not change around the business day."""
    while True:
        found = enterprise(context.seed, rng.randrange(context.enterprises))
        steady = all(p.valid_from < context.ago(120) for p in found.periods) and len(found.periods) == 1
        if steady and found.sole_trader == sole_trader:
            return found


def pick_renamed(context: Context, rng: random.Random) -> Enterprise:
    """A registered enterprise that bore another name until at least four months before the business day."""
    while True:
        found = enterprise(context.seed, rng.randrange(context.enterprises))
        names = {p.name for p in found.periods}
        if not found.sole_trader and len(names) == 2 and found.periods[-1].valid_from < context.ago(120):
            return found


def row(context: Context, number: int, party: Row, **changes: Any) -> Row:  # noqa: ANN401 - text, bytes or None
    """Row ``number`` of the day for ``party``: general procedure, fined, served, with notice and document.

    Args:
        context: The delivery day.
        number: Running number within the day; makes the decision number unique.
        party: Columns of the party.
        changes: Columns that differ; ``decided_on`` as text. The document tells the changed row.

    Returns:
        The row with every column; amounts in 万元, ``document`` as bytes.
    """
    rng = context.rng("penalty", number)
    authority, authority_uscc, prefix, _ = AUTHORITIES[number % len(AUTHORITIES)]
    violation_type, fact, basis = rng.choice(VIOLATIONS)
    decided = context.ago(rng.randrange(4, 12))
    served = decided + dt.timedelta(days=rng.randrange(1, 4))
    fine = rng.choice([3000, 5000, 20000, 48500, 100000, 250000])
    made: Row = dict.fromkeys(COLUMNS) | party | {
        "document_no": f"{prefix}〔{context.day.year}〕{context.day:%m%d}{number:06d}号",
        "authority_uscc": authority_uscc,
        "party_key": "P1",
        "party_no": "1",
        "violation_type": violation_type,
        "violation_fact": fact,
        "penalty_basis": basis,
        "penalty_kinds": "罚款",
        "penalty_content": f"处以罚款{fine}元。",
        "fine_amount": ten_thousands(fine),
        "decided_on": decided.isoformat(),
        "served_on": served.isoformat(),
        "service_mode": rng.choice(["直接送达", "邮寄送达", "电子送达"]),
        "publicity_notice_served_on": served.isoformat(),
        "repair_notice_served_on": served.isoformat(),
        "procedure": "普通程序",
        "authority_name": authority,
        "handling_office": f"{authority}执法大队",
        "maker": person(rng),
        "checker": person(rng),
        "document_media_type": MEDIA_TYPE,
    }  # fmt: skip
    made |= {"document": letter(made | changes)} | changes
    if made["document"] is None:
        made["document_media_type"] = None
    return made


def letter(of: Row) -> bytes:
    """The decision letter as served."""
    return decision_letter(of["document_no"], _paragraphs(of))


def redacted(made: Row, shown: Row) -> Row:
    """The row as the public may see it: ``shown`` instead of what it says, and the same instead in the letter's text.

    A letter that says what may not be shown is shown as plain text, any other as it was served. What is taken out must
    not move a line's end.
    """
    public = made | shown
    text = letter_text(public["document_no"], _paragraphs(public))
    if text == letter_text(made["document_no"], _paragraphs(made)):
        return public
    return public | {"document": text.encode(), "document_media_type": "text/plain"}


def _paragraphs(of: Row) -> list[str]:
    return [
        f"当事人：{of['party_name']}",
        f"违法事实：{of['violation_fact']}",
        f"处罚依据：{of['penalty_basis']}",
        f"处罚内容：{of['penalty_content']}",
        f"{of['authority_name']} {of['decided_on']}",
    ]


def key(of: Row) -> str:
    """The fact's own key: decision number, authority, party."""
    return f"{of['document_no']}|{of['authority_uscc']}|{of['party_key']}"


def event(context: Context, number: int, of: Row, kind: str, event_on: str) -> Event:
    """An event of the case of this row; one of a kind per row."""
    return Event(f"EV{context.day:%Y%m%d}P{number:06d}-{kind}", key(of), kind, event_on, of["document_no"])


def payload(of: Row) -> Payload:
    """What must be shown of the row: the public fields, amounts in 元 with two decimals."""
    return {
        "authority_name": of["authority_name"],
        "authority_uscc": of["authority_uscc"],
        "confiscated_amount": _yuan(of["confiscated_amount"]),
        "decided_on": of["decided_on"],
        "document_no": of["document_no"],
        "documents": [
            {
                "kind": "行政处罚决定书",
                "media_type": of["document_media_type"],
                "sha256": hashlib.sha256(of["document"]).hexdigest(),
            }
        ],
        "fine_amount": _yuan(of["fine_amount"]),
        "party_kind": of["party_kind"],
        "party_name": of["party_name"],
        "party_uscc": of["party_uscc"],
        "penalty_basis": of["penalty_basis"],
        "penalty_content": of["penalty_content"],
        "penalty_kinds": of["penalty_kinds"].split("；"),
        "procedure": of["procedure"],
        "violation_fact": of["violation_fact"],
        "violation_type": of["violation_type"],
    }


def ten_thousands(yuan: int) -> str:
    """An amount of whole 元 in 万元, as the 424 form wants it: 2000 becomes 0.2."""
    return f"{Decimal(yuan) / 10000:f}"


def _yuan(ten_thousand: str | None) -> str | None:
    return None if ten_thousand is None else f"{Decimal(ten_thousand) * 10000:.2f}"


def _identity_number(rng: random.Random) -> str:
    born = dt.date(1955, 1, 1) + dt.timedelta(days=rng.randrange(16_000))
    body = f"310115{born:%Y%m%d}{rng.randrange(1000):03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]
