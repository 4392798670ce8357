"""A good row of each source, the change that breaks each rule and no other, and changes that break none."""

from typing import Any

from stdnum.cn import uscc

Row = dict[str, Any]


def code(prefix: str, organisation: str = "60003734", check: str = "1") -> str:
    """Return a code with a right check character, of prefix and region and an organisation code, valid by default."""
    body = prefix + organisation + check
    return body + uscc.calc_check_digit(body)


FIRM = "91110000600037341L"
TRADER = code("92110000")
AUTHORITY = code("11110000")
WRONG = FIRM[:-1] + "M"
WRONG_AUTHORITY = AUTHORITY[:-1] + ("0" if AUTHORITY[-1] != "0" else "1")
INNER = (body := "91110000600037342") + uscc.calc_check_digit(body)  # its 组织机构代码 is wrong, its own check is right
NOWHERE = code("91999999")
LONG = "长" * 201

BASE: dict[str, Row] = {
    "agency_inspections": {
        "device_code": "311010123202400001", "use_certificate_no": "梯11沪A00001(24)", "device_kind": "电梯",
        "region_code": "310115", "user_unit_name": "甲公司", "user_unit_uscc": FIRM, "inspection_type": "定检",
        "inspected_on": "2026年3月5日", "reported_on": "2026年3月6日", "conclusion": "合格",
        "next_due_on": "2027年3月5日",
        "use_state": "001", "agency_name": "检验院", "agency_uscc": FIRM,
    },
    "samr_spot_checks": {
        "level": "省", "plan_name": "计划", "authority_name": "某局", "authority_uscc": AUTHORITY,
        "product_domain": "product", "product_category": "电器", "product_name": "插座", "brand": "甲", "model": "A1",
        "batch_no": "1", "produced_on": "2026-01-05", "producer_name": "甲公司", "producer_uscc": FIRM,
        "producer_region_code": "110000", "seller_name": "乙店", "seller_uscc": TRADER, "seller_region_code": "110000",
        "sampling_field": "流通领域", "sampled_on": "2026-02-01", "standard": "GB 2099.1",
        "failed_items": [{"item": "温升", "limit": "≤45", "measured": "50"}], "conclusion": "不合格", "report_no": "R1",
        "reported_on": "2026-03-01",
    },
    "cnca_certificates": {
        "status": "有效", "status_on": "2024-01-05", "issued_on": "2024-01-05", "expires_on": "2029-01-04",
        "first_issued_on": "2020-01-05", "ccc_code": "0301", "product_name": "插座", "applicant_name": "甲公司",
        "applicant_uscc": FIRM, "factory_name": "甲厂", "factory_uscc": FIRM, "body_code": "01",
    },
    "cnca_validity_checks": {
        "certificate_no": "2024010301000001", "ccc_code": "0301", "product_name": "插座", "sampled_on": "2026-01-05",
        "holder_name": "甲公司", "holder_uscc": FIRM, "consistency": "一致", "test_conclusion": "不合格",
        "disposition": "暂停", "disposition_on": "2026-03-01", "reported_on": "2026-02-20",
    },
    "amr_penalties": {
        "authority_uscc": AUTHORITY, "party_name": "乙公司", "legal_representative": "李四",
        "party_kind": "法人及非法人组织", "party_uscc": FIRM,
        "party_id_no": None, "party_region_code": "110000", "violation_type": "质量", "violation_fact": "销售不合格品",
        "penalty_basis": "产品质量法", "penalty_kinds": "罚款；没收违法所得；吊销许可证件", "penalty_content": "罚款",
        "fine_amount": "2.5", "confiscated_amount": "0.1", "license_revoked": "许可证1号", "decided_on": "2026-03-02",
        "served_on": "2026-03-03", "publicity_notice_served_on": "2026-03-03", "repair_notice_served_on": "2026-03-03",
        "performed_on": "2026-03-10", "restriction_until": "2026-12-31", "procedure": "普通程序",
        "authority_name": "某局", "party_key": "P1", "updated_at": "2026-03-16 05:00:00+08",
    },
    "registry_enterprises": {
        "enterprise_name": "甲公司", "status": "存续", "party_kind": "企业", "region_code": "110000",
        "established_on": "2000-01-01", "uscc": FIRM,
    },
    "amr_supervision_checks": {
        "kind": "抽查", "programme": "双随机", "authority_name": "某局", "authority_uscc": AUTHORITY,
        "handling_office": "特设科", "party_name": "甲公司", "party_uscc": FIRM, "party_region_code": "110000",
        "checked_on": "2026-03-05", "result": "1台叉车未登记", "conclusion": "发现问题", "reported_on": "2026-03-06",
    },
    "other_department_penalties": {
        "datadept": "某应急局", "pripid": "31X1", "uniscid": FIRM, "entname": "甲公司",
        "pendecno": "甲应急罚〔2026〕1号", "illegacttype": "未培训", "pentype": "2;3", "pentype_cn": "罚款；没收",
        "penam": "2", "forfam": "0.5",
        "pencontent": "罚款", "judauth": "某应急局", "pendecissdate": "2026-03-02", "remark": "无异议",
        "publicdate": "2026-03-05", "received_on": "2026-03-10",
    },
    "amr_serious_listings": {
        "authority_name": "某局", "authority_uscc": AUTHORITY, "handling_office": "信用科", "party_key": "P1",
        "party_name": "甲公司", "party_kind": "法人及非法人组织", "party_uscc": FIRM, "party_region_code": "110000",
        "stage": "决定列入", "category": "质量安全", "reason": "出具虚假检验报告",
        "penalty_document_no": "甲市监处罚〔2026〕1号", "listed_on": "2026-03-02", "served_on": "2026-03-03",
        "publicity_notice_served_on": "2026-03-03",
    },
    "case_events": {
        "source_key": "甲局〔2026〕1号|A|P1", "event_type": "service", "event_on": "2026-03-10",
        "recorded_on": "2026-03-16 05:00:00+08",
    },
}  # fmt: skip


def key_of(source: str, number: int) -> Row:
    """Return key columns that no other row has."""
    return {
        "agency_inspections": {"report_no": f"R{number}"},
        "samr_spot_checks": {"sample_no": f"S{number}"},
        "cnca_certificates": {"certificate_no": f"2024010301{number:06}"},
        "cnca_validity_checks": {"sample_no": f"V{number}"},
        "amr_penalties": {"document_no": f"甲市监处罚〔2026〕{number}号"},
        "registry_enterprises": {"valid_from": f"{2001 + number}-01-01", "valid_to": f"{2002 + number}-01-01"},
        "amr_serious_listings": {"document_no": f"甲市监列严〔2026〕{number}号"},
        "amr_supervision_checks": {"check_no": f"JC{number}"},
        "other_department_penalties": {"caseid": f"OT{number}"},
        "case_events": {"event_id": f"E{number}"},
    }[source]


NULL, BAD_DATE, FUTURE = None, "2026-02-30", "2026-03-17"
BOILER = {"device_code": "110010123202400001", "device_kind": "锅炉", "use_certificate_no": "锅10沪A00001(24)"}
UNSERVED = {"publicity_notice_served_on": NULL, "repair_notice_served_on": NULL, "performed_on": NULL}
PERSON = {"party_kind": "自然人", "party_uscc": NULL, "party_id_type": "护照号", "party_id_no": "E1"}
RETEST = {"retest_conclusion": "不合格", "retested_on": "2026-03-10"}
CORRECTED = {"conclusion": "发现问题已责令改正", "corrected_on": "2026-03-10"}
REMOVED = {"stage": "移出", "removed_on": "2026-03-10", "removal_reason": "信用修复", "removing_authority": "某局"}
BROKEN: dict[str, Row] = {
    "INS-01": {"report_no": NULL}, "INS-02": {"device_code": NULL}, "INS-03": {"device_code": "31101012320240000"},
    "INS-04": {"region_code": "无"}, "INS-05": {"region_code": "999999"}, "INS-06": {"user_unit_name": "\u3000"},
    "INS-07": {"user_unit_uscc": WRONG}, "INS-08": {"user_unit_uscc": NULL}, "INS-09": {"agency_uscc": WRONG},
    "INS-10": {"inspection_type": "/"}, "INS-11": {"inspection_type": "抽查"}, "INS-12": {"inspected_on": NULL},
    "INS-13": {"inspected_on": "2026年2月30日"}, "INS-14": {"reported_on": "三月"},
    "INS-15": {"reported_on": "2026年3月4日"},
    "INS-16": {"conclusion": NULL}, "INS-17": {"conclusion": "尚可"}, "INS-18": {"next_due_on": "2027年2月30日"},
    "INS-19": {"next_due_on": "2026年3月5日"}, "INS-20": {"use_state": "丢失"},
    "INS-21": {"use_certificate_no": "11沪A1"},
    "INS-22": {"inspected_on": "2026年3月17日", "reported_on": "2026年3月18日"}, "INS-23": {"agency_name": NULL},
    "INS-24": {"reported_on": NULL},
    "SPT-01": {"sample_no": NULL}, "SPT-02": {"level": "乡"}, "SPT-03": {"level": NULL},
    "SPT-04": {"authority_name": NULL}, "SPT-05": {"authority_uscc": NULL},
    "SPT-06": {"authority_uscc": WRONG_AUTHORITY},
    "SPT-07": {"product_domain": NULL}, "SPT-08": {"product_domain": "drug"}, "SPT-09": {"product_name": NULL},
    "SPT-10": {"produced_on": BAD_DATE}, "SPT-11": {"producer_uscc": WRONG}, "SPT-12": {"seller_uscc": WRONG},
    "SPT-13": {"producer_region_code": "1"}, "SPT-14": {"seller_region_code": "1"}, "SPT-15": {"sampling_field": "x"},
    "SPT-16": {"sampled_on": NULL}, "SPT-17": {"sampled_on": BAD_DATE}, "SPT-18": {"produced_on": "2026-02-02"},
    "SPT-19": {"reported_on": NULL}, "SPT-20": {"reported_on": BAD_DATE}, "SPT-21": {"reported_on": "2026-01-31"},
    "SPT-22": {"conclusion": NULL, "failed_items": NULL}, "SPT-23": {"conclusion": "不明"},
    "SPT-24": {"failed_items": [{"item": "温升"}]}, "SPT-25": {"conclusion": "合格"},
    "SPT-26": {"producer_name": NULL, "seller_name": NULL}, "SPT-27": {"report_no": NULL},
    "SPT-28": {"reported_on": FUTURE}, "SPT-29": {"model": LONG},
    "CRT-01": {"certificate_no": NULL}, "CRT-02": {"certificate_no": "202401030"},
    "CRT-03": {"certificate_no": "SDC2024010301000123"}, "CRT-04": {"status": NULL}, "CRT-05": {"status": "遗失"},
    "CRT-06": {"status_on": NULL}, "CRT-07": {"status_on": BAD_DATE}, "CRT-08": {"issued_on": NULL},
    "CRT-09": {"issued_on": BAD_DATE}, "CRT-10": {"expires_on": BAD_DATE}, "CRT-11": {"expires_on": "2024-01-05"},
    "CRT-12": {"first_issued_on": BAD_DATE}, "CRT-13": {"first_issued_on": "2024-01-06"}, "CRT-14": {"ccc_code": NULL},
    "CRT-15": {"ccc_code": "301"}, "CRT-16": {"ccc_code": "0302"},
    "CRT-17": {"applicant_name": NULL}, "CRT-18": {"applicant_uscc": WRONG}, "CRT-19": {"factory_name": NULL},
    "CRT-20": {"factory_uscc": WRONG}, "CRT-21": {"product_name": NULL}, "CRT-22": {"body_code": "1"},
    "CRT-23": {"status_on": FUTURE},
    "VAL-01": {"sample_no": NULL}, "VAL-02": {"certificate_no": "1"}, "VAL-03": {"certificate_no": "202401030100"},
    "VAL-04": {"ccc_code": NULL}, "VAL-05": {"ccc_code": "301"}, "VAL-06": {"product_name": NULL},
    "VAL-07": {"sampled_on": NULL}, "VAL-08": {"sampled_on": BAD_DATE}, "VAL-09": {"holder_name": NULL},
    "VAL-10": {"holder_uscc": WRONG}, "VAL-11": {"consistency": NULL}, "VAL-12": {"consistency": "相近"},
    "VAL-13": {"test_conclusion": NULL}, "VAL-14": {"test_conclusion": "不明"}, "VAL-15": {"disposition": "罚款"},
    "VAL-16": {"disposition_on": BAD_DATE}, "VAL-17": {"disposition_on": "2026-01-04"}, "VAL-18": {"reported_on": NULL},
    "VAL-19": {"reported_on": BAD_DATE}, "VAL-20": {"reported_on": "2026-01-04"}, "VAL-21": {"reported_on": FUTURE},
    "PEN-01": {"document_no": NULL}, "PEN-02": {"document_no": "第1号"}, "PEN-03": {"authority_uscc": NULL},
    "PEN-04": {"authority_uscc": WRONG_AUTHORITY}, "PEN-05": {"authority_name": NULL}, "PEN-06": {"party_key": NULL},
    "PEN-07": {"party_name": NULL}, "PEN-08": {"party_kind": NULL}, "PEN-09": {"party_kind": "其他组织"},
    "PEN-10": {"party_uscc": NULL}, "PEN-11": {"party_uscc": WRONG},
    "PEN-12": {"party_kind": "自然人", "party_id_type": "护照号", "party_id_no": "x"},
    "PEN-13": {"party_kind": "个体工商户"},
    "PEN-14": {"violation_type": NULL}, "PEN-15": {"violation_fact": NULL}, "PEN-16": {"penalty_basis": NULL},
    "PEN-17": {"penalty_kinds": NULL}, "PEN-18": {"penalty_kinds": "罚款；没收违法所得；吊销许可证件；训诫"},
    "PEN-19": {"penalty_content": NULL}, "PEN-20": {"fine_amount": "若干"}, "PEN-21": {"fine_amount": "0"},
    "PEN-22": {"confiscated_amount": "若干"}, "PEN-23": {"confiscated_amount": NULL},
    "PEN-24": {"license_revoked": NULL},
    "PEN-25": {"fine_amount": "25000"}, "PEN-26": {"decided_on": NULL}, "PEN-27": {"decided_on": BAD_DATE},
    "PEN-28": {"decided_on": FUTURE, "served_on": FUTURE} | UNSERVED, "PEN-29": {"served_on": BAD_DATE},
    "PEN-30": {"served_on": "2026-03-01"}, "PEN-31": {"publicity_notice_served_on": BAD_DATE},
    "PEN-32": {"repair_notice_served_on": BAD_DATE}, "PEN-33": {"performed_on": BAD_DATE},
    "PEN-34": {"restriction_until": BAD_DATE}, "PEN-35": {"restriction_until": "2026-03-01"},
    "PEN-36": {"procedure": NULL}, "PEN-37": {"procedure": "特别程序"},
    "PEN-38": {"violation_fact": "当事人电话13812345678"}, "PEN-39": {"party_name": LONG},
    "PEN-40": {"party_region_code": "1"}, "PEN-41": {"confiscated_amount": "-1"},
    "REG-01": {"uscc": NULL}, "REG-02": {"uscc": WRONG}, "REG-03": {"enterprise_name": NULL},
    "REG-04": {"status": NULL},
    "REG-05": {"status": "歇业"}, "REG-06": {"party_kind": NULL}, "REG-07": {"party_kind": "合作社"},
    "REG-08": {"region_code": NULL}, "REG-09": {"region_code": "1"}, "REG-10": {"established_on": BAD_DATE},
    "REG-11": {"valid_from": NULL}, "REG-12": {"valid_from": BAD_DATE}, "REG-13": {"valid_to": BAD_DATE},
    "REG-14": {"valid_from": "2000-06-01", "valid_to": "2000-06-01"}, "REG-15": {"valid_from": "1999-12-31"},
    "REG-16": {"party_kind": "个体工商户"},
    "REG-17": {"uscc": INNER},
    "EVT-01": {"event_id": NULL}, "EVT-02": {"source_key": NULL}, "EVT-03": {"source_key": "a||b"},
    "EVT-04": {"event_type": NULL}, "EVT-05": {"event_type": "party"}, "EVT-06": {"event_on": NULL},
    "EVT-07": {"event_on": BAD_DATE}, "EVT-08": {"event_on": FUTURE},
    "INS-25": {"user_unit_uscc": INNER}, "INS-26": {"user_unit_uscc": NOWHERE}, "INS-27": {"agency_uscc": INNER},
    "INS-28": {"agency_uscc": NOWHERE},
    "INS-29": {"device_code": "399010123202400001", "use_certificate_no": "梯99沪A00001(24)"},
    "INS-30": {"device_code": "399010123201400001", "use_certificate_no": "梯99沪A00001(14)"},
    "INS-31": {"device_kind": "叉车"}, "INS-32": {"device_code": "31109999992014080025"},
    "INS-33": {"device_code": "31103101152026040025"}, "INS-34": {"use_certificate_no": "容11沪A00001(24)"},
    "INS-35": {"track": "内部"}, "INS-42": {"agency_uscc": NULL}, "INS-36": {"report_version": "V2"}, "INS-37": BOILER,
    "INS-38": BOILER | {"inspection_type": "自检"}, "INS-39": {"conclusion": "报废"},
    "INS-40": {"reported_on": "2026年3月17日"}, "INS-41": {"next_due_on": "2041年3月6日"},
    "SPT-30": {"producer_uscc": INNER}, "SPT-31": {"producer_uscc": NOWHERE}, "SPT-32": {"seller_uscc": INNER},
    "SPT-33": {"seller_uscc": NOWHERE}, "SPT-34": {"authority_uscc": code("11110000", "60003734", "2")},
    "SPT-35": {"authority_uscc": code("11999999")}, "SPT-36": {"authority_uscc": FIRM},
    "SPT-37": {"sampling_field": NULL}, "SPT-38": {"seller_name": NULL}, "SPT-39": {"sampling_field": "电子商务"},
    "SPT-40": {"tested_on": BAD_DATE}, "SPT-41": {"tested_on": "2026-01-31"}, "SPT-42": {"tested_on": "2026-03-02"},
    "SPT-43": {"notified_on": BAD_DATE}, "SPT-44": {"notified_on": "2026-02-28"}, "SPT-45": {"notified_on": FUTURE},
    "SPT-46": RETEST | {"retest_conclusion": "不明"}, "SPT-47": RETEST | {"retested_on": BAD_DATE},
    "SPT-48": RETEST | {"retested_on": "2026-02-28"}, "SPT-49": {"retest_conclusion": "不合格"},
    "SPT-50": RETEST | {"retest_conclusion": "合格"},
    "SPT-52": RETEST | {"conclusion": "合格", "retest_conclusion": "合格"}, "SPT-51": RETEST | {"retested_on": FUTURE},
    "CRT-24": {"applicant_uscc": INNER}, "CRT-25": {"applicant_uscc": NOWHERE}, "CRT-26": {"factory_uscc": INNER},
    "CRT-27": {"factory_uscc": NOWHERE}, "CRT-28": {"issued_on": "2023-01-05"}, "CRT-29": {"body_code": "02"},
    "CRT-30": {"certificate_no": "2024019901000001", "ccc_code": "9901"}, "CRT-31": {"status_on": "2019-12-31"},
    "CRT-32": {"expires_on": "2026-03-15"}, "CRT-33": {"issued_on": FUTURE, "first_issued_on": "2024-01-05"},
    "CRT-34": {"applicant_uscc": NULL},
    "VAL-22": {"holder_uscc": INNER}, "VAL-23": {"holder_uscc": NOWHERE}, "VAL-24": {"ccc_code": "0302"},
    "VAL-25": {"certificate_no": "2024019901000001", "ccc_code": "9901"},
    "VAL-26": {"disposition": NULL, "disposition_on": NULL}, "VAL-27": {"test_conclusion": "合格"},
    "VAL-28": {"disposition_on": NULL}, "VAL-29": {"disposition_on": FUTURE}, "VAL-30": {"certificate_no": NULL},
    "VAL-31": {"certificate_no": "2027010301000001"}, "VAL-32": {"holder_uscc": NULL},
    "PEN-42": {"party_uscc": INNER}, "PEN-43": {"party_uscc": NOWHERE},
    "PEN-44": {"authority_uscc": code("11110000", "60003734", "2")}, "PEN-45": {"authority_uscc": code("11999999")},
    "PEN-46": {"authority_uscc": FIRM}, "PEN-47": {"legal_representative": NULL},
    "PEN-48": {"party_id_type": "身份证", "party_id_no": "110105194912310021"}, "PEN-49": {"party_id_type": "军官证"},
    "PEN-50": {"party_registration_no": "110000450227179"}, "PEN-51": {"penalty_content": "罚款2.5元"},
    "PEN-52": {"document_no": "甲市监处罚〔2024〕1号"}, "PEN-53": {"served_on": FUTURE},
    "PEN-54": {"performed_on": FUTURE}, "PEN-55": {"penalty_content": "缴至账号3100123456789012"},
    "PEN-56": {"violation_fact": "车辆沪A12345"}, "PEN-57": {"party_name": "长" * 101},
    "PEN-58": {"valid_until": "2026-03-01"}, "PEN-59": {"publicity_until": "2026-03-02"},
    "PEN-60": {"publicity_until": "2029-05-02"}, "PEN-61": {"party_key": "11010519491231002X"},
    "PEN-62": {"penalty_kinds": "没收违法所得；吊销许可证件", "fine_amount": "-5"},
    "PEN-63": {"publicity_notice_served_on": "2026-03-01"}, "PEN-64": {"repair_notice_served_on": "2026-03-01"},
    "PEN-65": {"performed_on": "2026-03-01"}, "PEN-66": PERSON | {"party_id_type": NULL},
    "PEN-67": {"party_kind": "个体工商户", "party_uscc": TRADER, "legal_representative": NULL},
    "REG-18": {"uscc": NOWHERE}, "REG-19": {"valid_from": FUTURE, "valid_to": NULL}, "REG-20": {"uscc": AUTHORITY},
    "REG-21": {"enterprise_name": LONG},
    "EVT-09": {"recorded_on": "2026-03-09 05:00:00+08"}, "EVT-10": {"event_type": "stay_ordered"},
    "LST-01": {"document_no": NULL}, "LST-02": {"document_no": "甲" * 129}, "LST-03": {"authority_name": NULL},
    "LST-04": {"authority_uscc": NULL}, "LST-05": {"authority_uscc": WRONG_AUTHORITY}, "LST-06": {"party_key": NULL},
    "LST-07": {"party_key": "11010519491231002X"}, "LST-08": {"party_name": NULL}, "LST-09": {"party_kind": NULL},
    "LST-10": {"party_kind": "企业"}, "LST-11": {"party_uscc": WRONG}, "LST-12": {"party_kind": "自然人"},
    "LST-13": {"party_region_code": "1"}, "LST-14": {"stage": NULL}, "LST-15": {"stage": "审查"},
    "LST-16": {"category": NULL}, "LST-17": {"category": "环保"}, "LST-18": {"reason": NULL},
    "LST-19": {"reason": "电话13812345678"}, "LST-20": {"listed_on": NULL}, "LST-21": {"listed_on": BAD_DATE},
    "LST-22": {"listed_on": FUTURE, "served_on": NULL, "publicity_notice_served_on": NULL},
    "LST-23": {"served_on": BAD_DATE}, "LST-24": {"served_on": "2026-03-01"},
    "LST-25": {"publicity_notice_served_on": BAD_DATE}, "LST-26": {"served_on": FUTURE},
    "LST-27": REMOVED | {"removed_on": BAD_DATE}, "LST-28": REMOVED | {"removed_on": "2026-03-01"},
    "LST-29": REMOVED | {"removed_on": FUTURE}, "LST-30": {"stage": "移出"},
    "LST-31": REMOVED | {"removing_authority": NULL}, "LST-32": {"removal_reason": "其他"},
    "LST-33": {"handling_office": LONG}, "LST-34": {"party_uscc": NULL}, "LST-35": {"party_uscc": INNER},
    "LST-36": {"penalty_document_no": NULL},
    "SUP-01": {"check_no": NULL}, "SUP-02": {"kind": NULL}, "SUP-03": {"kind": "巡查"}, "SUP-04": {"programme": NULL},
    "SUP-05": {"programme": "专项"}, "SUP-06": {"authority_name": NULL}, "SUP-07": {"authority_uscc": NULL},
    "SUP-08": {"authority_uscc": WRONG_AUTHORITY}, "SUP-09": {"party_name": NULL}, "SUP-10": {"party_uscc": WRONG},
    "SUP-11": {"party_region_code": "1"}, "SUP-12": {"checked_on": NULL}, "SUP-13": {"checked_on": BAD_DATE},
    "SUP-14": {"result": NULL}, "SUP-15": {"result": "电话13812345678"}, "SUP-16": {"conclusion": NULL},
    "SUP-17": {"conclusion": "尚可"}, "SUP-18": CORRECTED | {"corrected_on": BAD_DATE},
    "SUP-19": CORRECTED | {"corrected_on": "2026-03-04"}, "SUP-20": CORRECTED | {"corrected_on": FUTURE},
    "SUP-21": {"corrected_on": "2026-03-10"}, "SUP-22": {"reported_on": NULL}, "SUP-23": {"reported_on": BAD_DATE},
    "SUP-24": {"reported_on": "2026-03-04"}, "SUP-25": {"reported_on": FUTURE}, "SUP-26": {"handling_office": LONG},
    "SUP-27": {"party_uscc": NULL}, "SUP-28": {"party_uscc": INNER}, "SUP-29": {"kind": "检查"},
    "ODP-01": {"caseid": NULL}, "ODP-02": {"datadept": NULL}, "ODP-03": {"entname": NULL}, "ODP-04": {"uniscid": WRONG},
    "ODP-05": {"pendecno": NULL}, "ODP-06": {"illegacttype": NULL}, "ODP-07": {"pentype": NULL},
    "ODP-08": {"pentype": "2,3"}, "ODP-09": {"penam": "若干"}, "ODP-10": {"penam": "-1", "pentype": "3"},
    "ODP-11": {"forfam": "若干"}, "ODP-12": {"forfam": "-1"}, "ODP-13": {"pencontent": NULL},
    "ODP-14": {"remark": "账号3100123456789012"}, "ODP-15": {"judauth": NULL}, "ODP-16": {"pendecissdate": NULL},
    "ODP-17": {"pendecissdate": BAD_DATE}, "ODP-18": {"pendecissdate": FUTURE, "received_on": NULL},
    "ODP-19": {"publicdate": BAD_DATE}, "ODP-20": {"received_on": BAD_DATE}, "ODP-21": {"received_on": "2026-03-01"},
    "ODP-22": {"received_on": FUTURE}, "ODP-23": {"revoked_on": BAD_DATE}, "ODP-24": {"revoked_on": "2026-03-01"},
    "ODP-25": {"revoked_on": FUTURE}, "ODP-26": {"pendecno": "甲" * 51}, "ODP-27": {"penam": NULL},
    "ODP-28": {"uniscid": NULL}, "ODP-29": {"uniscid": INNER}, "ODP-30": {"pripid": NULL},
    "EVT-11": {"event_type": "producer_denied"}, "EVT-12": {"source_key": "甲局〔2026〕1号|A|11010519491231002X"},
}  # fmt: skip

TODAY, DECIDED = "2026-03-16", "2026-03-02"
VESSEL = {"device_code": "215010123202400001", "device_kind": "压力容器", "use_certificate_no": "容15沪A00001(24)"}
SEVERAL_KINDS, LONG_KIND = "罚款；没收违法所得；吊销许可证件", f"；其他-{'长' * 97}"
NO_MONEY = {"fine_amount": NULL, "confiscated_amount": NULL, "license_revoked": NULL}
PASSED = {"test_conclusion": "合格", "disposition": NULL, "disposition_on": NULL}
PENALTY_DATES = (
    "decided_on", "served_on", "publicity_notice_served_on", "repair_notice_served_on", "performed_on",
    "restriction_until", "valid_until",
)  # fmt: skip
CASE, SAMPLE = "甲局〔2026〕1号|A|P1", "S1|producer"
EVENTS = {
    "service": CASE, "stay_ordered": CASE, "stay_lifted": CASE, "decision_changed": CASE, "decision_revoked": CASE,
    "decision_unlawful": CASE, "decision_void": CASE, "secrecy_review_passed": CASE, "publicity_notice_served": CASE,
    "repair_granted": CASE, "early_stop_granted": CASE, "objection": SAMPLE, "objection_withdrawn": SAMPLE,
    "retest_confirmed": SAMPLE, "retest_overturned": SAMPLE, "producer_denied": "S1", "objection_rejected": SAMPLE,
    "recheck_passed": "S1", "producer_confirmed": "S1", "entry_error": CASE, "wrong_subject": CASE,
    "court_ruling": CASE, "secrecy_review_opened": CASE,
}  # fmt: skip

# What the rules let pass without a word: the last value on the good side of each bound, every code of domain 2.4, 6.3
# and 6.4.
ALLOWED: dict[str, list[Row]] = {
    "agency_inspections": [
        {"inspected_on": "2026年3月16日", "reported_on": "2026年3月16日"},
        {"next_due_on": "2026年3月6日"}, {"next_due_on": "2041年3月5日"},
        {"device_code": "311010123202600001"}, {"device_code": "31103101152026030025"},
        {"region_code": "330113"}, {"region_code": "659013"},
        *({"conclusion": word} for word in (
            "合格", "复检合格", "不合格", "复检不合格", "允许运行", "整改后运行", "限制条件运行", "停止运行",
            "监督运行",
        )),
        *(BOILER | {"track": "内检", "conclusion": word} for word in ("符合要求", "基本符合要求", "不符合要求")),
        {"conclusion": "报废", "use_state": "003"},
        *({"use_state": state} for state in (
            "001", "002", "003", "004", "005", "006", "在用", "停用", "报废", "拆除", "注销", "移装",
        )),
        *({"inspection_type": word} for word in (
            "定检", "监检", "自检", "定期检验", "监督检验", "制造监检", "自行检测", "检测",
        )),
        *(VESSEL | {"track": word} for word in (
            "外部检验", "外检", "内部检验", "内检", "水压试验", "年度检验", "年度", "全面检验", "全面",
        )),
        *({"report_version": version} for version in ("1", "01", "9", "99")),
    ],
    "samr_spot_checks": [
        *(dict.fromkeys(["produced_on", "sampled_on", "tested_on", "reported_on", "notified_on"], day)
          for day in ("2026-03-01", TODAY)),
        RETEST | {"retested_on": "2026-03-01"}, RETEST | {"retested_on": TODAY}, {"notified_on": TODAY},
        *({column: "长" * 200} for column in (
            "product_name", "standard", "model", "brand", "batch_no", "plan_name", "producer_name", "seller_name",
            "authority_name",
        )),
        *({"level": level} for level in ("国家", "省", "市", "县")),
        *({"sampling_field": word} for word in ("生产领域", "流通领域", "流通领域(实体店)", "流通领域（实体店）")),
        {"sampling_field": "电子商务", "platform_name": "平台"}, {"product_domain": "food"},
        {"conclusion": "合格", "failed_items": []}, {"conclusion": "合格", "failed_items": NULL},
        {"failed_items": [{"item": "标识", "limit": None, "measured": None}]},
        {"producer_region_code": "330114", "seller_region_code": "653132"},
    ],
    "cnca_certificates": [
        {"expires_on": TODAY}, {"expires_on": "2026-03-15", "status": "过期失效", "status_on": TODAY},
        {"expires_on": "2024-01-06", "status": "过期失效", "status_on": "2024-01-07"},
        {"issued_on": TODAY, "status_on": TODAY, "first_issued_on": "2024-01-05"}, {"first_issued_on": "2024-01-05"},
        {"status_on": TODAY}, {"issued_on": "2024-06-01", "first_issued_on": "2024-01-05"},
        *({"status": status} for status in ("暂停", "撤销", "注销")),
        {"applicant_uscc": "600037341"}, {"applicant_uscc": "60003734-1"}, {"factory_uscc": "D2143569-X"},
        {"certificate_no": "2024010101999901", "ccc_code": "0101"},
        {"certificate_no": "2024012401999901", "ccc_code": "2401"},
    ],
    "cnca_validity_checks": [
        {"sampled_on": "2026-02-20", "disposition_on": "2026-02-20"}, {"reported_on": TODAY}, {"disposition_on": TODAY},
        {"certificate_no": "2026010301000001"}, {"certificate_no": "2026012401000001", "ccc_code": "2401"},
        *({"disposition": disposition} for disposition in ("撤销", "整改", "恢复", "复查合格")),
        {"consistency": "不一致", "test_conclusion": "合格"}, PASSED,
        PASSED | {"disposition": "整改", "disposition_on": "2026-03-01"},
        {"holder_uscc": "592366240"}, {"holder_uscc": "71526726-X"},
    ],
    "amr_penalties": [
        *(dict.fromkeys(PENALTY_DATES, day) for day in (DECIDED, TODAY)),
        dict.fromkeys(PENALTY_DATES[1:5], TODAY),
        {"publicity_until": "2026-05-30"}, {"publicity_until": "2029-04-05"}, {"valid_until": "2099-12-31"},
        {"fine_amount": "10000"}, {"fine_amount": "0.000001"}, {"confiscated_amount": "0"},
        {"party_name": "a" * 200}, {"authority_name": "a" * 200}, {"violation_type": "a" * 2000},
        {"violation_fact": "a" * 5000}, {"penalty_basis": "a" * 2048}, {"penalty_content": "a" * 4000},
        {"party_name": "长" * 100}, {"license_revoked": "长" * 200}, {"legal_representative": "长" * 50},
        {"penalty_kinds": SEVERAL_KINDS + LONG_KIND},
        {"penalty_kinds": f"{SEVERAL_KINDS}{LONG_KIND * 2}；其他-{'长' * 33}"},
        *(NO_MONEY | {"penalty_kinds": kind} for kind in (
            "警告", "通报批评", "降低资质等级", "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业",
            "行政拘留", "其他-公告",
        )),
        NO_MONEY | {"penalty_kinds": "罚款", "fine_amount": "1"},
        NO_MONEY | {"penalty_kinds": "警告", "fine_amount": "0"},
        *(NO_MONEY | {"penalty_kinds": kind, "confiscated_amount": "1"} for kind in ("没收违法所得", "没收非法财物")),
        *(NO_MONEY | {"penalty_kinds": kind, "license_revoked": "许可证1号"} for kind in (
            "暂扣许可证件", "吊销许可证件", "降低资质等级",
        )),
        *(PERSON | {"party_id_type": kind, "party_id_no": "11010519491231002X"} for kind in (
            "身份证", "护照号", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "外国人永久居留身份证",
            "其他-军官证",
        )),
        {"party_kind": "个体工商户", "party_uscc": TRADER},
        *({"document_no": f"甲市监处罚〔{year}〕9001号"} for year in (2025, 2027)),
        {"document_no": "沪市监(浦)处罚〔2026〕9002号"},
        {"party_registration_no": "1101080126604"}, {"party_registration_no": "440301103448669"},
        {"procedure": "简易程序"}, {"party_region_code": "330113"},
    ],
    "registry_enterprises": [
        {"established_on": "1999-05-05", "valid_from": "1999-05-05", "valid_to": "1999-05-06"},
        {"valid_from": TODAY, "valid_to": NULL}, {"enterprise_name": "长" * 200}, {"region_code": "330114"},
        *({"status": status} for status in ("注销", "吊销", "迁出")),
        {"party_kind": "个体工商户", "uscc": TRADER}, {"party_kind": "农民专业合作社", "uscc": "93370102MA3TE5T54Y"},
    ],
    "amr_supervision_checks": [
        {"checked_on": "2026-03-06"}, {"checked_on": TODAY, "reported_on": TODAY}, CORRECTED,
        *(CORRECTED | {"corrected_on": day} for day in ("2026-03-05", TODAY)),
        *({"conclusion": word} for word in ("未发现问题", "合格", "不合格", "不配合检查情节严重", "无法联系")),
        *({"kind": "检查", "programme": word} for word in ("日常检查", "日常监督检查")),
        *({"programme": word} for word in ("双随机抽查", "检验机构监督抽查")),
        {"party_uscc": TRADER}, {"result": "长" * 2000}, {"party_name": "长" * 200},
    ],
    "other_department_penalties": [
        dict.fromkeys(("pendecissdate", "received_on", "revoked_on"), TODAY), {"received_on": "2026-03-02"},
        {"revoked_on": "2026-03-02"}, {"received_on": NULL, "publicdate": NULL, "forfam": NULL, "regno": NULL},
        *({"pentype": code, "penam": NULL} for code in "13456789"), {"pentype": "1；2"}, {"uniscid": TRADER},
        {"pendecno": "甲" * 50}, {"judauth": "长" * 100}, {"entname": "长" * 200}, {"pencontent": "长" * 4000},
        {"remark": "长" * 512},
    ],
    "amr_serious_listings": [
        dict.fromkeys(("listed_on", "served_on", "publicity_notice_served_on"), TODAY),
        REMOVED | {"removed_on": "2026-03-02"}, REMOVED | {"removed_on": TODAY},
        *(REMOVED | {"removal_reason": reason} for reason in ("期满移出", "撤销列入")),
        *({"stage": stage, "listed_on": NULL, "served_on": NULL} for stage in ("拟列入", "告知", "陈述申辩")),
        *({"category": category} for category in (
            "食品安全", "药品医疗器械化妆品安全", "侵害消费者权益", "破坏市场秩序", "其他",
        )),
        {"party_kind": "个体工商户", "party_uscc": TRADER}, {"party_kind": "自然人", "party_uscc": NULL},
        {"document_no": "甲" * 128}, {"reason": "长" * 2000},
        *({column: "长" * 200} for column in ("authority_name", "handling_office", "party_name")),
    ],
    "case_events": [
        {"event_on": TODAY},
        *({"event_type": kind, "source_key": key, "document_no": "甲局〔2026〕2号"} for kind, key in EVENTS.items()),
        {"event_type": "objection", "source_key": "S1|seller"},
    ],
}  # fmt: skip

# What is accepted with this warning and no other.
DOUBTED: list[tuple[str, str, Row]] = [
    ("agency_inspections", "INS-02", {"device_code": NULL, "conclusion": "不合格"}),
    ("agency_inspections", "INS-37", VESSEL),
    ("cnca_certificates", "CRT-03", {"certificate_no": "SD20240001"}),
    ("cnca_certificates", "CRT-03", {"certificate_no": "CNCA-SD-" + "1" * 32}),
    ("cnca_validity_checks", "VAL-03", {"certificate_no": "SD20240001"}),
    ("cnca_validity_checks", "VAL-03", {"certificate_no": "2024970301000001A"}),
    ("cnca_validity_checks", "VAL-26", {"disposition": NULL, "disposition_on": NULL}),
    ("amr_penalties", "PEN-60", {"publicity_until": "2026-03-03"}),
    ("amr_penalties", "PEN-55", {"violation_type": "账号3100123456789012"}),
    ("amr_penalties", "PEN-38", {"violation_type": "电话138 0013 8000"}),
    ("amr_penalties", "PEN-02", {"document_no": "A" * 128}),
    ("samr_spot_checks", "SPT-52", BROKEN["SPT-52"]),
]  # fmt: skip
# What is one character, day or code beyond: the rule it breaks alone.
REFUSED: list[tuple[str, str, Row]] = [
    ("amr_penalties", "PEN-39", {"penalty_kinds": f"{SEVERAL_KINDS}；其他-{'长' * 98}"}),
    ("amr_penalties", "PEN-39", {"penalty_kinds": f"{SEVERAL_KINDS}{LONG_KIND * 2}；其他-{'长' * 34}"}),
    ("amr_penalties", "PEN-39", {"legal_representative": "长" * 51}),
    ("amr_penalties", "PEN-39", {"violation_fact": "a" * 5001}),
    ("amr_penalties", "PEN-24", NO_MONEY | {"penalty_kinds": "警告", "license_revoked": "许可证1号"}),
    ("cnca_certificates", "CRT-02", {"certificate_no": "SD2024000"}),
    ("cnca_certificates", "CRT-02", {"certificate_no": "1" * 41}),
    ("cnca_certificates", "CRT-18", {"applicant_uscc": "600037342"}),
    ("cnca_certificates", "CRT-18", {"applicant_uscc": "6-00037341"}),
    ("amr_supervision_checks", "SUP-26", {"result": "长" * 2001}),
    ("other_department_penalties", "ODP-26", {"remark": "长" * 513}),
    ("amr_serious_listings", "LST-33", {"reason": "长" * 2001}),
    ("amr_serious_listings", "LST-20", REMOVED | {"listed_on": NULL}),
    ("samr_spot_checks", "SPT-24", {"failed_items": [{"item": " ", "limit": None, "measured": None}]}),
]  # fmt: skip
