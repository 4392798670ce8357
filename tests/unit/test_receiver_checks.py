"""What the sandbox's receiver refuses, one crafted message per error code of the feed contract."""

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from market_regulation.disclosure.record_schema import channels, record_types, schema
from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Refusal, Row, content_sha256
from market_regulation.sandbox.receiver_checks import check_batch, check_content

DAY = dt.date(2026, 3, 16)
LETTER = hashlib.sha256(b"letter").hexdigest()
PENALTY: dict[str, Any] = {
    "authority_name": "上海市浦东新区市场监督管理局",
    "authority_uscc": "113101150024510169",
    "confiscated_amount": None,
    "decided_on": "2026-03-05",
    "document_no": "沪市监浦处罚〔2026〕1号",
    "documents": [{"kind": "行政处罚决定书", "media_type": "application/pdf", "sha256": LETTER}],
    "fine_amount": "2000.00",
    "party_kind": "法人及非法人组织",
    "party_name": "上海华盛机电设备有限公司",
    "party_uscc": "91310115MA1TE5T42K",
    "penalty_basis": "《中华人民共和国价格法》第四十二条",
    "penalty_content": "处以罚款2000元。",
    "penalty_kinds": ["警告", "罚款"],
    "procedure": "普通程序",
    "violation_fact": "12种商品未标示价格。",
    "violation_type": "未按规定明码标价",
}
SPOT_CHECK: dict[str, Any] = {
    "authority_name": "上海市市场监督管理局",
    "authority_uscc": "113100000024220120",
    "batch_no": "13800138000",
    "brand": None,
    "conclusion": "不合格",
    "failed_items": [{"item": "耐热性", "limit": "符合", "measured": "不符合"}],
    "final_on": "2026-03-02",
    "level": "省",
    "model": "A1",
    "plan_name": None,
    "produced_on": "2025-11-02",
    "producer_name": "上海华盛机电设备有限公司",
    "product_name": "充电器",
    "recheck_on": None,
    "recheck_result": None,
    "retest": "none",
    "sample_no": "CC1",
    "seller_name": None,
    "standard": "GB 42296-2022",
    "subject_name": "上海华盛机电设备有限公司",
    "subject_role": "producer",
    "subject_uscc": "91310115MA1TE5T42K",
}


OTHERS: dict[str, dict[str, Any]] = {
    "ccc_validity": {
        "body_name": "某认证中心", "ccc_code": "0301", "certificate_no": "2024010301000001", "conclusion": "不合格",
        "disposition": "恢复", "disposition_on": "2026-03-12", "factory_name": None, "final_on": "2026-03-02",
        "holder_name": "上海华盛机电设备有限公司", "holder_uscc": "91310115MA1TE5T42K", "model": None,
        "product_name": "插座", "sample_no": "CCC1", "sampled_on": "2026-01-05",
    },
    "other_check": {
        "authority_name": "上海市浦东新区市场监督管理局", "authority_uscc": "113101150024510169", "check_no": "JC1",
        "checked_on": "2026-03-02", "conclusion": "未发现问题", "corrected_on": None, "kind": "抽查",
        "party_name": "上海华盛机电设备有限公司", "party_uscc": "91310115MA1TE5T42K", "programme": "双随机",
        "result": "未发现问题。",
    },
    "serious_listing": {
        "authority_name": "上海市浦东新区市场监督管理局", "authority_uscc": "113101150024510169",
        "category": "质量安全", "document_no": "沪市监浦列严〔2026〕1号", "listed_on": "2026-03-02",
        "party_kind": "法人及非法人组织", "party_name": "上海华盛机电设备有限公司", "party_uscc": "91310115MA1TE5T42K",
        "penalty_document_no": None, "reason": "出具虚假检验报告。", "removal_reason": None, "removed_on": None,
        "removing_authority": None,
    },
    "other_dept_penalty": {
        "caseid": "OT1", "datadept": "上海市应急管理局", "entname": "上海华盛机电设备有限公司", "forfam": None,
        "illegacttype": "未培训", "judauth": "上海市应急管理局", "penam": "2000.00", "pencontent": "罚款。",
        "pendecissdate": "2026-03-02", "pendecno": "沪应急罚〔2026〕1号", "pentype": "1;2", "pentype_cn": None,
        "pripid": None, "publicdate": None, "regno": None, "remark": None, "uniscid": "91310115MA1TE5T42K",
    },
}  # fmt: skip


def row(payload: dict[str, Any], op: str = "UPSERT") -> Row:
    record_type = "administrative_penalty" if "party_kind" in payload or "party_name" in payload else "spot_check"
    return Row(record_type, "r1", 1, op, None, sha256_of(payload), payload)


def refused(payload: dict[str, Any], op: str = "UPSERT") -> tuple[str, str | None] | None:
    refusal = check_content(row(payload, op), "gsxt", DAY, {LETTER})
    return (refusal.code, refusal.field) if refusal else None


@pytest.mark.parametrize(
    "payload", [PENALTY, SPOT_CHECK, PENALTY | {"violation_fact": "货值13800138000元，共13800138000件。"}]
)
def test_a_sound_message_is_accepted(payload: dict[str, Any]) -> None:
    assert refused(payload) is None


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"party_uscc": "91310115MA1TE5T42X"}, "E101", "party_uscc"),
        ({"authority_uscc": "113101150024510168"}, "E101", "authority_uscc"),
        ({"violation_fact": ""}, "E105", "violation_fact"),
        ({"violation_fact": None}, "E105", "violation_fact"),
        ({"documents": []}, "E105", "documents"),
        ({"home_address": "某新村1号101室"}, "E105", None),
        ({"violation_fact": "违" * 5001}, "E106", "violation_fact"),
        ({"party_name": "名" * 201}, "E106", "party_name"),
        ({"penalty_kinds": ["罚金"]}, "E107", "penalty_kinds.0"),
        ({"procedure": "简易程序"}, "E107", "procedure"),
        ({"fine_amount": "0.2"}, "E107", "fine_amount"),
        ({"party_uscc": "91310115ma1te5t42k"}, "E107", "party_uscc"),
        ({"decided_on": "2026-03-17"}, "E108", "decided_on"),
        ({"decided_on": "2026-02-30"}, "E108", "decided_on"),
        ({"violation_fact": "当事人电话13800138000。"}, "E110", "violation_fact"),
        ({"penalty_content": "身份证11010519491231002X"}, "E110", "penalty_content"),
        ({"penalty_content": "身份证110105 19491231 002X"}, "E110", "penalty_content"),
        ({"violation_fact": "当事人电话138 0013 8000。"}, "E110", "violation_fact"),
        ({"violation_type": "电话+86 138-0013-8000"}, "E110", "violation_type"),
        ({"violation_fact": "当事人电话１３８００１３８０００"}, "E110", "violation_fact"),
    ],
)
def test_a_penalty_with_one_fault_is_refused(change: dict[str, Any], code: str, field: str | None) -> None:
    assert refused(PENALTY | change) == (code, field)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"subject_uscc": "91310115MA1TE5T42L"}, "E101", "subject_uscc"),
        ({"failed_items": []}, "E105", "failed_items"),
        ({"failed_items": [{"item": "耐热性", "limit": "符合"}]}, "E105", "measured"),
        ({"product_name": "充" * 201}, "E106", "product_name"),
        ({"conclusion": "合格"}, "E107", "conclusion"),
        ({"final_on": "2026-03-17"}, "E108", "final_on"),
        ({"produced_on": "2026-03-03"}, "E108", "final_on"),
        ({"failed_items": [{"item": "联系13800138000", "limit": None, "measured": None}]}, "E110", "failed_items"),
    ],
)
def test_a_spot_check_with_one_fault_is_refused(change: dict[str, Any], code: str, field: str) -> None:
    assert refused(SPOT_CHECK | change) == (code, field)


@pytest.mark.parametrize(
    ("record_type", "change", "refusal"),
    [
        ("ccc_validity", {}, None),
        ("ccc_validity", {"holder_uscc": "91310115MA1TE5T42X"}, ("E101", "holder_uscc")),
        ("ccc_validity", {"conclusion": "合格"}, ("E107", "conclusion")),
        ("ccc_validity", {"final_on": "2026-01-04"}, ("E108", "final_on")),
        ("other_check", {}, None),
        ("other_check", {"corrected_on": "2026-03-12", "conclusion": "发现问题已责令改正"}, None),
        ("other_check", {"corrected_on": "2026-03-01"}, ("E108", "corrected_on")),
        ("other_check", {"result": "电话13800138000"}, ("E110", "result")),
        ("serious_listing", {}, None),
        ("serious_listing", {"category": "环保"}, ("E107", "category")),
        ("serious_listing", {"listed_on": "2026-03-17"}, ("E108", "listed_on")),
        ("serious_listing", {"reason": "身份证11010519491231002X"}, ("E110", "reason")),
        ("other_dept_penalty", {}, None),
        ("other_dept_penalty", {"penam": "0.2"}, ("E107", "penam")),
        ("other_dept_penalty", {"pendecno": "沪" * 51}, ("E106", "pendecno")),
        ("other_dept_penalty", {"remark": "电话13800138000"}, ("E110", "remark")),
    ],
)
def test_other_record_types_are_checked_by_their_schemas(
    record_type: str, change: dict[str, Any], refusal: tuple[str, str] | None
) -> None:
    payload = OTHERS[record_type] | change
    found = check_content(Row(record_type, "r1", 1, "UPSERT", None, sha256_of(payload), payload), "gsxt", DAY, set())
    assert (found and (found.code, found.field)) == refusal


@pytest.mark.parametrize("name", sorted(PENALTY))
def test_every_field_of_a_penalty_must_be_present(name: str) -> None:
    assert refused({key: value for key, value in PENALTY.items() if key != name}) == ("E105", name)


@pytest.mark.parametrize("name", sorted(SPOT_CHECK))
def test_every_field_of_a_spot_check_must_be_present(name: str) -> None:
    assert refused({key: value for key, value in SPOT_CHECK.items() if key != name}) == ("E105", name)


def test_a_production_date_in_words_is_accepted() -> None:
    assert refused(SPOT_CHECK | {"produced_on": "见瓶盖"}) is None


def test_eighteen_digits_that_are_no_identity_number_are_accepted() -> None:
    assert refused(PENALTY | {"violation_fact": "货号110105194912310021。"}) is None


def test_a_missing_attachment_is_refused() -> None:
    refusal = check_content(row(PENALTY), "gsxt", DAY, set())
    assert refusal == Refusal("E105", "documents", f"attachment {LETTER} is missing")


def test_a_payload_that_is_not_what_was_hashed_is_refused() -> None:
    altered = replace(row(PENALTY), payload=PENALTY | {"fine_amount": "1.00"})
    refusal = check_content(altered, "gsxt", DAY, {LETTER})
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("E201", "row_hash")


@pytest.mark.parametrize("op", ["WITHDRAW", "STOP", "SUSPEND"])
def test_what_ends_a_publication_is_not_checked_for_its_content(op: str) -> None:
    assert refused(PENALTY | {"violation_fact": "电话13800138000"}, op) is None


@pytest.mark.parametrize("payload", [[], {"documents": "none"}, {"documents": [1]}, "text"])
def test_a_payload_of_a_wild_shape_is_refused(payload: Any) -> None:
    refusal = check_content(
        Row("administrative_penalty", "r", 1, "UPSERT", None, sha256_of(payload), payload), "gsxt", DAY, set()
    )
    assert refusal is not None
    assert refusal.code == "E105"


def batch(of: list[Row], **changes: Any) -> Batch:
    sound = Batch("11310000MB0000000920260316GX0002", "gsxt", len(of), content_sha256(of), "before", DAY)
    return replace(sound, **changes)


def test_a_whole_batch_in_sequence_is_accepted() -> None:
    rows = [row(PENALTY)]
    assert check_batch(batch(rows), rows, "before") is None
    assert check_batch(batch(rows, previous_batch=None), rows, None) is None


@pytest.mark.parametrize(
    ("changes", "last", "code"),
    [
        ({"rows": 2}, "before", "E201"),
        ({"content_sha256": "0" * 64}, "before", "E201"),
        ({}, "another", "E202"),
        ({}, None, "E202"),
        ({"previous_batch": None}, "before", "E202"),
    ],
)
def test_a_broken_batch_is_refused(changes: dict[str, Any], last: str | None, code: str) -> None:
    rows = [row(PENALTY)]
    refusal = check_batch(batch(rows, **changes), rows, last)
    assert refusal is not None
    assert refusal.code == code


def test_the_hash_of_a_batch_covers_its_rows_in_order_of_record_and_version() -> None:
    first = Row("spot_check", "a", 2, "UPSERT", None, "f" * 64, {})
    second = Row("spot_check", "b", 1, "WITHDRAW", "decision_revoked", "0" * 64, {})
    text = f"a,2,UPSERT,{'f' * 64}\nb,1,WITHDRAW,{'0' * 64}\n"
    assert content_sha256([second, first]) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(("channel", "record_type"), [(c, r) for c in channels() for r in record_types(c)])
def test_every_field_of_a_schema_has_a_chinese_title(channel: str, record_type: str) -> None:
    form = schema(channel, record_type)
    titles = {name: field.get("title", "") for name, field in form["properties"].items()}
    assert all(any("\u4e00" <= c <= "\u9fa5" for c in title) for title in titles.values()), titles
    assert sorted(form["required"]) == sorted(form["properties"])
    assert {form["x-subject"]["code"], form["x-subject"]["name"], *form["x-dates-in-order"]} <= form[
        "properties"
    ].keys()
