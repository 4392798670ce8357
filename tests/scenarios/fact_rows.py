"""Rows of the sources that are publishable unless a case says otherwise, with keys and parties of the case's own."""

import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import docx

Row = dict[str, str | None]
PARTY_KINDS = {"company": "法人及非法人组织", "sole_trader": "个体工商户", "person": "自然人"}
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(prefix: str, region: str, seed: str) -> str:
    """Make a 统一社会信用代码 (GB 32100-2015, domain 1.1) of its own for each seed."""
    number = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10**9
    code = f"{prefix}{region}{number:09}"
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + _ALPHABET[-total % 31]


def authority(province: str) -> str:
    """Return the code of the market regulator of a province (two digits of GB/T 2260)."""
    return uscc("11", f"{province}0000", "authority")


def identity_number(born: object) -> str:
    """Make a 公民身份号码 (GB 11643) of a person born on a day, with its check character."""
    body = f"110105{born}002".replace("-", "")
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


class Document(NamedTuple):
    """A decision as it is attached."""

    sha256: str
    media_type: str
    content: bytes


def decision_document() -> Document:
    """Write a decision without any personal data."""
    text, file = docx.Document(), io.BytesIO()
    text.add_paragraph("行政处罚决定书")
    text.add_paragraph("当事人使用未经检验的特种设备，违反特种设备安全法第四十条，处以罚款。")
    text.save(file)
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Document(hashlib.sha256(file.getvalue()).hexdigest(), media_type, file.getvalue())


DOCUMENT = decision_document()


class Party(NamedTuple):
    """The subject of a case, or of one fact of it."""

    kind: str
    name: str
    uscc: str | None


def party(kind: str, seed: str) -> Party:
    """Make a party of its own for each seed: company, sole_trader or person."""
    number = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 10**6
    if kind == "person":
        return Party(kind, "张三", None)
    name = f"甲{number:06}" + ("商行" if kind == "sole_trader" else "有限公司")
    return Party(kind, name, uscc("92" if kind == "sole_trader" else "91", "310000", seed))


def enterprise(of: Party, **changes: Any) -> Row:
    """The party's entry in the register, since 2010."""
    row: Row = {
        "uscc": of.uscc,
        "enterprise_name": of.name,
        "status": "存续",
        "party_kind": "个体工商户" if of.kind == "sole_trader" else "企业",
        "region_code": "310115",
        "established_on": "2010-01-01",
        "valid_from": "2010-01-01",
        "valid_to": None,
    }
    return row | texts(changes)


def penalty(number: str, of: Party, said: Mapping[str, Any]) -> Row:
    """A decision under the general procedure, fined 20,000 元 unless told otherwise, with its document.

    ``said`` are columns, or ``kinds``, ``fine`` and ``confiscated`` (元), ``province`` of the authority, whether there
    is a ``document``, and the day on which a natural person was ``born``.
    """
    decided_on = said["decided_on"]
    kinds = str(said.get("kinds", "罚款"))
    row: Row = {
        "document_no": f"{number}〔2026〕1号",
        "authority_uscc": authority(str(said.get("province", "31"))),
        "party_key": "P1",
        "party_name": of.name,
        "party_kind": PARTY_KINDS[of.kind],
        "party_uscc": of.uscc,
        "legal_representative": None if of.kind == "person" else "李四",
        "party_id_type": "身份证" if of.kind == "person" else None,
        "party_id_no": identity_number(said.get("born", "1949-12-31")) if of.kind == "person" else None,
        "party_region_code": "310115",
        "violation_type": "使用未经检验的特种设备",
        "violation_fact": "电梯超期未检",
        "penalty_basis": "特种设备安全法第八十四条",
        "penalty_kinds": kinds,
        "penalty_content": kinds,
        "fine_amount": _wan(said.get("fine", 20_000)) if "罚款" in kinds.split("；") else None,
        "confiscated_amount": _wan(said.get("confiscated", 1_000)) if "没收" in kinds else None,
        "license_revoked": "许可证" if "吊销" in kinds or "暂扣" in kinds else None,
        "decided_on": decided_on.isoformat(),
        "served_on": decided_on.isoformat(),
        "service_mode": "直接送达",
        "publicity_notice_served_on": decided_on.isoformat(),
        "repair_notice_served_on": decided_on.isoformat(),
        "valid_until": "2099-12-31",
        "procedure": "普通程序",
        "authority_name": "某市市场监督管理局",
        "handling_office": "某市局执法大队",
        "maker": "王五",
        "checker": "赵六",
        "document": DOCUMENT.sha256,
        "document_media_type": DOCUMENT.media_type,
        "updated_at": f"{decided_on} 05:00:00+08",
    }
    if not said.get("document", True):
        row |= {"document": None, "document_media_type": None}
    own_words = {"kinds", "fine", "confiscated", "province", "born", "document"}
    return row | texts({name: value for name, value in said.items() if name not in own_words})


def sample(number: str, producer: Party, seller: Party | None, said: Mapping[str, Any]) -> Row:
    """A failed product sample with a registered producer, and a registered seller where one is given."""
    reported_on = said["reported_on"]
    row: Row = {
        "sample_no": number,
        "level": "省",
        "plan_name": "充电器监督抽查",
        "authority_name": "某市市场监督管理局",
        "authority_uscc": authority("31"),
        "product_domain": "product",
        "product_name": "充电器",
        "model": "M1",
        "batch_no": "B1",
        "produced_on": "2020-12-01",
        "producer_name": producer.name,
        "producer_uscc": producer.uscc,
        "producer_region_code": "310115",
        "seller_name": seller and seller.name,
        "seller_uscc": seller and seller.uscc,
        "seller_region_code": seller and "310115",
        "sampling_field": "流通领域" if seller else "生产领域",
        "sampled_on": (reported_on - dt.timedelta(days=14)).isoformat(),
        "standard": "GB 4943.1",
        "failed_items": '[{"item":"温升","limit":"≤60K","measured":"75K"}]',
        "conclusion": "不合格",
        "report_no": f"R{number}",
        "reported_on": reported_on.isoformat(),
    }
    return row | texts(said)


def listing(number: str, of: Party, said: Mapping[str, Any]) -> Row:
    """A decided listing of a serious violator (order 44), served with its notice."""
    listed_on = said["listed_on"].isoformat()
    row: Row = {
        "document_no": f"{number}〔2026〕1号",
        "authority_uscc": authority("31"),
        "authority_name": "某市市场监督管理局",
        "handling_office": "某市局信用监管处",
        "party_key": "P1",
        "party_name": of.name,
        "party_kind": PARTY_KINDS[of.kind],
        "party_uscc": of.uscc,
        "party_region_code": "310115",
        "stage": "决定列入",
        "category": "质量安全",
        "reason": "出具虚假检验报告",
        "penalty_document_no": f"{number}〔2025〕9号",
        "listed_on": listed_on,
        "served_on": listed_on,
        "publicity_notice_served_on": listed_on,
    }
    return row | texts(said)


def validity_check(number: str, holder: Party, said: Mapping[str, Any]) -> Row:
    """A certified product (CCC) that failed its test; its certificate is suspended, which confirms nothing yet."""
    reported_on = said["reported_on"]
    row: Row = {
        "sample_no": number,
        "certificate_no": "2024010301123456",
        "ccc_code": "0301",
        "product_name": "断路器",
        "sampled_on": (reported_on - dt.timedelta(days=30)).isoformat(),
        "holder_name": holder.name,
        "holder_uscc": holder.uscc,
        "factory_name": holder.name,
        "consistency": "一致",
        "test_conclusion": "不合格",
        "disposition": "暂停",
        "disposition_on": reported_on.isoformat(),
        "body_name": "CQC",
        "reported_on": reported_on.isoformat(),
    }
    return row | texts(said)


def supervision_check(number: str, of: Party, said: Mapping[str, Any]) -> Row:
    """A 双随机 check that found something, unless ``programme`` and ``conclusion`` say otherwise."""
    reported_on = said["reported_on"].isoformat()
    row: Row = {
        "check_no": number,
        "kind": "检查",
        "programme": "双随机",
        "authority_name": "某市市场监督管理局",
        "authority_uscc": authority("31"),
        "handling_office": "某市局特种设备处",
        "party_name": of.name,
        "party_uscc": of.uscc,
        "party_region_code": "310115",
        "checked_on": reported_on,
        "result": "电梯维护保养记录不全",
        "conclusion": "发现问题",
        "reported_on": reported_on,
    }
    return row | texts(said)


def other_department_penalty(number: str, of: Party, said: Mapping[str, Any]) -> Row:
    """A fine of another department, in the layout of E_OT_CASE (domain 3.5)."""
    decided_on = said["pendecissdate"].isoformat()
    row: Row = {
        "caseid": number,
        "pripid": f"P{number}",
        "uniscid": of.uscc,
        "entname": of.name,
        "pendecno": f"环罚〔2026〕{number}号",
        "illegacttype": "超标排放",
        "pentype": "2",
        "pentype_cn": "罚款",
        "penam": _wan(20_000),
        "pencontent": "罚款",
        "judauth": "某市生态环境局",
        "pendecissdate": decided_on,
        "publicdate": decided_on,
        "datadept": "某市生态环境局",
    }
    return row | texts(said)


def event(number: str, about: str, event_type: str, on: dt.date) -> Row:
    """What happened to a case."""
    return {
        "event_id": number,
        "source_key": about,
        "event_type": event_type,
        "event_on": on.isoformat(),
        "recorded_on": f"{on} 05:00:00+08",
        "document_no": f"{number}号",
    }


def texts(columns: Mapping[str, Any]) -> Row:
    """Write values as the submitters do: ISO dates, nothing for null."""
    return {name: None if value is None else str(value) for name, value in columns.items()}


def _wan(yuan: float) -> str:
    """Write an amount in 万元, the unit of the source."""
    return f"{yuan / 10_000:.6f}"
