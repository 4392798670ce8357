"""Records of the disclosure tests: names, hashes and payloads, all computed without the platform's functions."""

import datetime as dt
import hashlib
import json
from typing import Any

DAY = dt.date(2026, 3, 16)
CHANNEL = "gsxt"
USCC = "91110000600037341L"  # domain.md 1.1, worked example
OTHER_USCC = "11310000MB00000009"


def record_id(key: str, record_type: str = "spot_check") -> str:
    """The name of a record by design.md section 4, computed without the platform's function."""
    return hashlib.sha256(f"{CHANNEL}\x1f{record_type}\x1f{key}".encode()).hexdigest()


def sha256_of(payload: dict[str, Any]) -> str:
    """Hash of the canonical JSON, computed without the platform's function."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def spot_check(key: str, **changes: Any) -> dict[str, Any]:
    """A payload that the receiver accepts."""
    payload = {
        "authority_name": "上海市市场监督管理局", "authority_uscc": OTHER_USCC, "batch_no": "20260101",
        "brand": None, "conclusion": "不合格", "failed_items": [{"item": "甲醛", "limit": "≤0.1", "measured": "0.3"}],
        "final_on": "2026-03-02", "level": "省", "model": "A-1", "plan_name": "2026年上海市产品质量监督抽查",
        "produced_on": "2026-01-01", "producer_name": "某某玩具有限公司", "product_name": "儿童玩具",
        "recheck_on": None, "recheck_result": None, "retest": "none",
        "sample_no": key, "seller_name": None, "standard": "GB 6675.1-2014", "subject_name": "某某玩具有限公司",
        "subject_role": "producer", "subject_uscc": USCC,
    }  # fmt: skip
    return {**payload, **changes}


def penalty(key: str, document: bytes, **changes: Any) -> dict[str, Any]:
    """A penalty's payload with one document."""
    sha256 = hashlib.sha256(document).hexdigest()
    payload = {
        "authority_name": "上海市市场监督管理局", "authority_uscc": OTHER_USCC, "confiscated_amount": None,
        "decided_on": "2026-03-02", "document_no": key, "fine_amount": "10000.00", "party_kind": "法人及非法人组织",
        "documents": [{"kind": "行政处罚决定书", "media_type": "application/pdf", "sha256": sha256}],
        "party_name": "某某玩具有限公司", "party_uscc": USCC, "penalty_basis": "产品质量法第四十九条",
        "penalty_content": "罚款一万元", "penalty_kinds": ["罚款"], "procedure": "普通程序",
        "violation_fact": "生产不符合标准的产品", "violation_type": "产品质量",
    }  # fmt: skip
    return {**payload, **changes}
