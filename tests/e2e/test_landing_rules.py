"""Every declared rule catches its defect: SQL and Great Expectations count the one planted row, and no other.

Each source gets one delivery: a good row, and for each rule a copy of it broken in one place.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from stdnum.cn import uscc

from market_regulation.landing import check_due, land_due
from market_regulation.quality.suite import load_suite
from market_regulation.sources.catalog import find_source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
Row = dict[str, Any]


def code(prefix: str) -> str:
    """Return a valid code that begins with ``prefix`` and holds a valid organisation code."""
    body = prefix.ljust(8, "0") + "60003734" + "1"
    return body + uscc.calc_check_digit(body)


FIRM = "91110000600037341L"
TRADER = code("92110000")
WRONG = FIRM[:-1] + "M"
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
        "level": "省", "plan_name": "计划", "authority_name": "某局", "authority_uscc": FIRM,
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
        "authority_uscc": FIRM, "party_name": "乙公司", "party_kind": "法人及非法人组织", "party_uscc": FIRM,
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
        "case_events": {"event_id": f"E{number}"},
    }[source]


NULL, BAD_DATE, FUTURE = None, "2026-02-30", "2026-03-17"
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
    "SPT-04": {"authority_name": NULL}, "SPT-05": {"authority_uscc": NULL}, "SPT-06": {"authority_uscc": WRONG},
    "SPT-07": {"product_domain": NULL}, "SPT-08": {"product_domain": "drug"}, "SPT-09": {"product_name": NULL},
    "SPT-10": {"produced_on": BAD_DATE}, "SPT-11": {"producer_uscc": WRONG}, "SPT-12": {"seller_uscc": WRONG},
    "SPT-13": {"producer_region_code": "1"}, "SPT-14": {"seller_region_code": "1"}, "SPT-15": {"sampling_field": "x"},
    "SPT-16": {"sampled_on": NULL}, "SPT-17": {"sampled_on": BAD_DATE}, "SPT-18": {"produced_on": "2026-02-02"},
    "SPT-19": {"reported_on": NULL}, "SPT-20": {"reported_on": BAD_DATE}, "SPT-21": {"reported_on": "2026-01-31"},
    "SPT-22": {"conclusion": NULL, "failed_items": NULL}, "SPT-23": {"conclusion": "不明"},
    "SPT-24": {"failed_items": [{"item": "温升"}]}, "SPT-25": {"conclusion": "合格"},
    "SPT-26": {"producer_name": NULL, "seller_name": NULL}, "SPT-27": {"report_no": NULL},
    "SPT-28": {"reported_on": FUTURE}, "SPT-29": {"model": LONG},
    "CRT-01": {"certificate_no": NULL}, "CRT-02": {"certificate_no": "20240103010000"},
    "CRT-03": {"certificate_no": "202401030100"}, "CRT-04": {"status": NULL}, "CRT-05": {"status": "遗失"},
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
    "PEN-04": {"authority_uscc": WRONG}, "PEN-05": {"authority_name": NULL}, "PEN-06": {"party_key": NULL},
    "PEN-07": {"party_name": NULL}, "PEN-08": {"party_kind": NULL}, "PEN-09": {"party_kind": "其他组织"},
    "PEN-10": {"party_uscc": NULL}, "PEN-11": {"party_uscc": WRONG},
    "PEN-12": {"party_kind": "自然人", "party_id_no": "x"}, "PEN-13": {"party_kind": "个体工商户"},
    "PEN-14": {"violation_type": NULL}, "PEN-15": {"violation_fact": NULL}, "PEN-16": {"penalty_basis": NULL},
    "PEN-17": {"penalty_kinds": NULL}, "PEN-18": {"penalty_kinds": "罚款；没收违法所得；吊销许可证件；训诫"},
    "PEN-19": {"penalty_content": NULL}, "PEN-20": {"fine_amount": "若干"}, "PEN-21": {"fine_amount": "0"},
    "PEN-22": {"confiscated_amount": "若干"}, "PEN-23": {"confiscated_amount": NULL},
    "PEN-24": {"license_revoked": NULL},
    "PEN-25": {"fine_amount": "25000"}, "PEN-26": {"decided_on": NULL}, "PEN-27": {"decided_on": BAD_DATE},
    "PEN-28": {"decided_on": FUTURE, "served_on": FUTURE}, "PEN-29": {"served_on": BAD_DATE},
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
    "REG-14": {"valid_from": "2030-01-01", "valid_to": "2030-01-01"}, "REG-15": {"valid_from": "1999-12-31"},
    "REG-16": {"party_kind": "个体工商户"},
    "REG-17": {"uscc": (body := "91110000600037342") + uscc.calc_check_digit(body)},
    "EVT-01": {"event_id": NULL}, "EVT-02": {"source_key": NULL}, "EVT-03": {"source_key": "a||b"},
    "EVT-04": {"event_type": NULL}, "EVT-05": {"event_type": "party"}, "EVT-06": {"event_on": NULL},
    "EVT-07": {"event_on": BAD_DATE}, "EVT-08": {"event_on": FUTURE},
}  # fmt: skip


@pytest.mark.parametrize("source_name", BASE)
def test_each_rule_counts_its_planted_row_in_sql_and_in_great_expectations(
    source_name: str, deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = find_source(source_name)
    rules = load_suite(source).expectations
    ids = [rule.meta.rule_id for rule in rules]
    good = dict.fromkeys(source.columns) | BASE[source_name]
    rows = [good | key_of(source_name, 0)]
    rows += [good | key_of(source_name, n) | BROKEN[rule_id] for n, rule_id in enumerate(ids, start=1)]
    profile = "jiangsu_institute" if source_name == "agency_inspections" else ""
    delivery_id = deliver(source, rows, DAY, profile)
    land_due(source, DAY)
    [result] = check_due(source, DAY)

    assert result.problems == ()
    found = warehouse.execute(
        "select rule_id, failed_rows, gx_failed_rows from quality.result where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert {row for row in found if not row[0].startswith("LAND")} == {(rule_id, 1, 1) for rule_id in ids}

    rejected = dict(
        warehouse.execute(
            "select row_no, rule_ids from quality.quarantine where delivery_id = %s", (delivery_id,)
        ).fetchall()
    )
    quarantined = {rule.meta.rule_id for rule in rules if rule.meta.action == "quarantine"}
    assert rejected == {n + 1: [rule_id] for n, rule_id in enumerate(ids, start=1) if rule_id in quarantined}
    assert (result.received, result.accepted) == (len(rows), len(rows) - len(rejected))
