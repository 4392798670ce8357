"""Rows of the sources as their submitters write them, publishable unless told otherwise."""

REGISTERED = "91110000600037341L"  # verified vector of GB 32100
REGISTERED_NAME = "北京甲（集团）有限公司"
AUTHORITY = "11310000MB0000000X"
AGENCY = "12310000425001017F"
LATE = "91310000132201312K"  # registered in 2020, reported only on the second day
RESTORED = "2024010301123457"  # certificate that was suspended, and valid again ten days later
DOCUMENT_SHA256 = "ab" * 32

Row = dict[str, str | None]


def penalty(document_no: str, **changes: str | None) -> Row:
    """A decision of 2026-02-10 under the general procedure, fined 20,000 元, notified, with its document."""
    row: Row = {
        "document_no": document_no,
        "authority_uscc": AUTHORITY,
        "party_key": "P1",
        "party_name": REGISTERED_NAME,
        "party_kind": "法人及非法人组织",
        "party_uscc": REGISTERED,
        "legal_representative": "李四",
        "party_id_no": None,
        "party_address": "某路1号",
        "party_region_code": "310115",
        "violation_type": "使用未经检验的特种设备",
        "violation_fact": "电梯超期未检",
        "penalty_basis": "特种设备安全法第八十四条",
        "penalty_kinds": "罚款",
        "penalty_content": "处以罚款20000元",
        "fine_amount": "2",
        "decided_on": "2026-02-10",
        "served_on": "2026-02-11",
        "publicity_notice_served_on": "2026-02-11",
        "procedure": "普通程序",
        "authority_name": "某市市场监督管理局",
        "handling_office": "某市局执法大队",
        "maker": "王五",
        "checker": "赵六",
        "document": DOCUMENT_SHA256,
        "document_media_type": "application/pdf",
        "updated_at": "2026-03-16 05:00:00+08",
    }
    return row | changes


def penalty_key(document_no: str) -> str:
    """Own key of ``penalty(document_no)``."""
    return f"{document_no}|{AUTHORITY}|P1"


def sample(sample_no: str, **changes: str | None) -> Row:
    """A failed product sample of 2026-01-20 with a registered producer and no seller."""
    row: Row = {
        "sample_no": sample_no,
        "level": "省",
        "plan_name": "充电器监督抽查",
        "authority_name": "某市市场监督管理局",
        "authority_uscc": AUTHORITY,
        "product_domain": "product",
        "product_name": "充电器",
        "model": "M1",
        "batch_no": "B1",
        "produced_on": "2025-12-01",
        "producer_name": REGISTERED_NAME,
        "producer_uscc": REGISTERED,
        "producer_region_code": "110105",
        "sampling_field": "流通领域",
        "sampled_on": "2026-01-05",
        "standard": "GB 4943.1",
        "failed_items": '[{"item":"温升","limit":"≤60K","measured":"75K"}]',
        "conclusion": "不合格",
        "report_no": f"R{sample_no}",
        "reported_on": "2026-01-20",
    }
    return row | changes


def event(event_id: str, source_key: str, event_type: str, event_on: str) -> Row:
    """What happened to a case."""
    return {
        "event_id": event_id,
        "source_key": source_key,
        "event_type": event_type,
        "event_on": event_on,
        "recorded_on": f"{event_on} 05:00:00+08",
    }


def enterprise(uscc: str, name: str, valid_from: str, valid_to: str | None = None) -> Row:
    """A period of an enterprise's name in the register."""
    return {
        "uscc": uscc,
        "enterprise_name": name,
        "status": "存续",
        "party_kind": "企业",
        "region_code": "110105",
        "established_on": "2001-01-01",
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


def inspection(report_no: str, conclusion: str, **changes: str | None) -> Row:
    """A periodic inspection of a lift in Shanghai, as the Shanghai institute writes it."""
    row: Row = {
        "report_no": report_no,
        "device_code": "311010123202400001",
        "device_kind": "电梯",
        "region_code": "310115",
        "user_unit_name": REGISTERED_NAME,
        "user_unit_uscc": REGISTERED,
        "agency_uscc": AGENCY,
        "inspection_type": "定期检验",
        "inspected_on": "2026/3/5",
        "reported_on": "2026/3/9",
        "conclusion": conclusion,
        "next_due_on": "2027/3/5",
        "use_state": "在用",
    }
    return row | changes


def listing(document_no: str, **changes: str | None) -> Row:
    """A listing of 2026-02-10 as a serious violator, served and told of the publication."""
    row: Row = {
        "document_no": document_no,
        "authority_name": "某市市场监督管理局",
        "authority_uscc": AUTHORITY,
        "handling_office": "某市局信用监管科",
        "party_key": "P1",
        "party_name": REGISTERED_NAME,
        "party_kind": "法人及非法人组织",
        "party_uscc": REGISTERED,
        "party_region_code": "110105",
        "stage": "决定列入",
        "category": "质量安全",
        "reason": "出具虚假检验报告",
        "penalty_document_no": "甲市监处罚〔2026〕1号",
        "listed_on": "2026-02-10",
        "served_on": "2026-02-11",
        "publicity_notice_served_on": "2026-02-11",
    }
    return row | changes


def supervision_check(check_no: str, **changes: str | None) -> Row:
    """A random check reported on 2026-02-10 that found a problem."""
    row: Row = {
        "check_no": check_no,
        "kind": "抽查",
        "programme": "双随机",
        "authority_name": "某市市场监督管理局",
        "authority_uscc": AUTHORITY,
        "handling_office": "某市局特设科",
        "party_name": REGISTERED_NAME,
        "party_uscc": REGISTERED,
        "party_region_code": "110105",
        "checked_on": "2026-02-09",
        "result": "1台叉车未登记",
        "conclusion": "发现问题",
        "reported_on": "2026-02-10",
    }
    return row | changes


def other_department_penalty(caseid: str, **changes: str | None) -> Row:
    """A fine by another department, received on 2026-02-10."""
    row: Row = {
        "caseid": caseid,
        "pripid": "31X1",
        "uniscid": REGISTERED,
        "entname": REGISTERED_NAME,
        "pendecno": "甲应急罚〔2026〕1号",
        "illegacttype": "未培训",
        "pentype": "2",
        "pentype_cn": "罚款",
        "penam": "2",
        "pencontent": "罚款20000元",
        "judauth": "某市应急管理局",
        "pendecissdate": "2026-01-20",
        "datadept": "某市应急管理局",
        "received_on": "2026-02-10",
    }
    return row | changes


def certificate(status: str, status_on: str) -> Row:
    """The state of one CCC certificate."""
    return {
        "certificate_no": "2024010301123456",
        "status": status,
        "status_on": status_on,
        "issued_on": "2024-01-01",
        "expires_on": "2029-01-01",
        "ccc_code": "0301",
        "product_name": "断路器",
        "applicant_name": REGISTERED_NAME,
        "applicant_uscc": REGISTERED,
        "factory_name": REGISTERED_NAME,
        "body_code": "01",
        "body_name": "CQC",
    }


def validity_check(sample_no: str, test_conclusion: str) -> Row:
    """A validity check of that certificate."""
    return {
        "sample_no": sample_no,
        "certificate_no": "2024010301123456",
        "ccc_code": "0301",
        "product_name": "断路器",
        "sampled_on": "2026-01-10",
        "holder_name": REGISTERED_NAME,
        "holder_uscc": REGISTERED,
        "factory_name": REGISTERED_NAME,
        "consistency": "一致",
        "test_conclusion": test_conclusion,
        "disposition": "暂停",
        "disposition_on": "2026-03-01",
        "body_name": "CQC",
        "reported_on": "2026-02-20",
    }
