"""What must be shown, written out by hand for one penalty and one spot check."""

import datetime as dt
import hashlib

import pytest

from market_regulation.sandbox import dual_publicity
from market_regulation.sandbox.cases import Case, canonical, record_id, sha256_of
from market_regulation.sandbox.other_department_penalties import COLUMNS as CASE_COLUMNS
from market_regulation.sandbox.other_department_penalties import payload as case_payload
from market_regulation.sandbox.penalty_rows import payload as penalty_payload
from market_regulation.sandbox.spot_check_rows import payload as spot_check_payload
from market_regulation.sandbox.terms import months_after, penalty_months
from market_regulation.sandbox.working_days import objection_window_end, working_day_after

PENALTY = {
    "document_no": "沪市监浦处罚〔2026〕0316000001号",
    "authority_uscc": "113101150024510169",
    "party_key": "P1",
    "party_name": "上海华盛机电设备有限公司",
    "party_kind": "法人及非法人组织",
    "party_uscc": "91310115MA1TE5T42K",
    "party_id_no": "31011519800101001X",
    "party_address": "上海市某路1号",
    "violation_type": "未按规定明码标价",
    "violation_fact": "12种商品未标示价格。",
    "penalty_basis": "《中华人民共和国价格法》第四十二条",
    "penalty_kinds": "警告；罚款",
    "penalty_content": "处以罚款2000元。",
    "fine_amount": "0.2",
    "confiscated_amount": None,
    "decided_on": "2026-03-05",
    "procedure": "普通程序",
    "authority_name": "上海市浦东新区市场监督管理局",
    "document": b"letter",
    "document_media_type": "application/pdf",
}


def test_a_penalty_is_shown_with_amounts_in_yuan_and_without_personal_data() -> None:
    letter = hashlib.sha256(b"letter").hexdigest()
    assert canonical(penalty_payload(PENALTY)) == (
        '{"authority_name":"上海市浦东新区市场监督管理局","authority_uscc":"113101150024510169","confiscated_amount":null,'
        '"decided_on":"2026-03-05","document_no":"沪市监浦处罚〔2026〕0316000001号",'
        '"documents":[{"kind":"行政处罚决定书","media_type":"application/pdf","sha256":"' + letter + '"}],'
        '"fine_amount":"2000.00","party_kind":"法人及非法人组织","party_name":"上海华盛机电设备有限公司",'
        '"party_uscc":"91310115MA1TE5T42K","penalty_basis":"《中华人民共和国价格法》第四十二条",'
        '"penalty_content":"处以罚款2000元。","penalty_kinds":["警告","罚款"],"procedure":"普通程序",'
        '"violation_fact":"12种商品未标示价格。","violation_type":"未按规定明码标价"}'
    )


def test_the_list_of_kinds_says_what_another_kind_is() -> None:
    absent = dict.fromkeys(("license_revoked", "party_registration_no", "valid_until"))
    shown = dual_publicity.payload(PENALTY | absent | {"penalty_kinds": "通报批评；其他-责令改正；警告；没收违法所得"})
    assert shown["CF_CFLB"] == "其他-责令改正;没收违法所得、没收非法财物;警告"


def test_a_spot_check_is_shown_for_one_of_its_parties() -> None:
    columns = (
        "authority_name", "authority_uscc", "batch_no", "brand", "conclusion", "level", "model", "plan_name",
        "produced_on", "producer_name", "producer_uscc", "product_name", "sample_no", "seller_name", "seller_uscc",
        "standard",
    )  # fmt: skip
    sample = {column: column.upper() for column in columns} | {"failed_items": [{"item": "耐热性", "limit": None}]}
    shown = spot_check_payload(sample, "seller", dt.date(2026, 3, 9), "confirmed")
    assert canonical(shown) == (
        '{"authority_name":"AUTHORITY_NAME","authority_uscc":"AUTHORITY_USCC","batch_no":"BATCH_NO","brand":"BRAND",'
        '"conclusion":"CONCLUSION","failed_items":[{"item":"耐热性","limit":null}],"final_on":"2026-03-09",'
        '"level":"LEVEL","model":"MODEL","plan_name":"PLAN_NAME","produced_on":"PRODUCED_ON",'
        '"producer_name":"PRODUCER_NAME","product_name":"PRODUCT_NAME","recheck_on":null,"recheck_result":null,"retest":"confirmed","sample_no":"SAMPLE_NO",'
        '"seller_name":"SELLER_NAME","standard":"STANDARD","subject_name":"SELLER_NAME","subject_role":"seller",'
        '"subject_uscc":"SELLER_USCC"}'
    )


def test_another_department_is_shown_in_the_fields_of_its_case_with_amounts_in_yuan() -> None:
    case = {column: column.upper() for column in CASE_COLUMNS} | {"penam": "0.2", "forfam": "", "pentype": "1；2"}
    assert canonical(case_payload(case)) == (
        '{"caseid":"CASEID","datadept":"DATADEPT","entname":"ENTNAME","forfam":null,"illegacttype":"ILLEGACTTYPE",'
        '"judauth":"JUDAUTH","penam":"2000.00","pencontent":"PENCONTENT","pendecissdate":"PENDECISSDATE",'
        '"pendecno":"PENDECNO","pentype":"1;2","pentype_cn":"PENTYPE_CN","pripid":"PRIPID","publicdate":"PUBLICDATE",'
        '"regno":"REGNO","remark":"REMARK","uniscid":"UNISCID"}'
    )


def test_the_hash_is_of_the_canonical_text() -> None:
    assert sha256_of({"b": "二", "a": None}) == hashlib.sha256('{"a":null,"b":"二"}'.encode()).hexdigest()


def test_a_record_is_named_by_channel_type_and_source_key() -> None:
    text = "gsxt\x1fspot_check\x1fCC1|seller"
    assert record_id("gsxt", "spot_check", "CC1|seller") == hashlib.sha256(text.encode()).hexdigest()


def test_a_case_is_read_back_as_written() -> None:
    day = dt.date(2026, 3, 16)
    case = Case(
        "a name", "spot_check", "CC1|seller", [(day, "HELD", "service_not_proven")], [(day, "0" * 64)], follow_ups=[]
    )
    assert Case.from_line(case.line()) == case


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-03-15", "NOT_PUBLIC"), ("2026-03-16", "HELD"), ("2026-03-19", "HELD"), ("2026-03-20", "PUBLIC")],
)
def test_a_state_holds_from_its_day_on(day: str, state: str) -> None:
    timeline = [(dt.date(2026, 3, 16), "HELD", "x"), (dt.date(2026, 3, 20), "PUBLIC", None)]
    assert Case("n", "spot_check", "k", timeline).on(dt.date.fromisoformat(day))[0] == state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("served", "end"),
    [
        ("2026-03-02", "2026-03-17"),
        ("2026-02-27", "2026-03-16"),  # the fifteenth day is Saturday 2026-03-14
        ("2026-01-30", "2026-02-14"),  # a Saturday on which people work
        ("2026-02-02", "2026-02-24"),  # Spring Festival until 2026-02-23
        ("2025-09-16", "2025-10-09"),  # National Day and Mid-Autumn until 2025-10-08
    ],
)
def test_the_objection_window_ends_after_fifteen_days_or_on_the_next_working_day(served: str, end: str) -> None:
    assert objection_window_end(dt.date.fromisoformat(served)) == dt.date.fromisoformat(end)


def test_the_next_working_day_skips_the_week_end() -> None:
    assert working_day_after(dt.date(2026, 3, 13)) == dt.date(2026, 3, 16)


@pytest.mark.parametrize(
    ("kinds", "decided_on", "months"),
    [
        (["通报批评"], "2026-03-01", 3),
        (["警告", "罚款"], "2026-03-01", 12),
        (["罚款", "吊销许可证件"], "2026-03-01", 36),
        (["罚款"], "2025-12-24", 36),
        (["罚款"], "2025-12-25", 12),
    ],
)
def test_the_term_of_publicity_follows_the_heaviest_kind(kinds: list[str], decided_on: str, months: int) -> None:
    assert penalty_months(kinds, dt.date.fromisoformat(decided_on)) == months


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [("2026-03-16", 3, "2026-06-16"), ("2025-11-30", 3, "2026-02-28"), ("2024-02-29", 12, "2025-02-28")],
)
def test_a_term_ends_on_the_corresponding_day_or_the_last_of_its_month(day: str, months: int, end: str) -> None:
    assert months_after(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(end)


def test_a_term_counts_from_the_first_run_that_could_show_the_record() -> None:
    runs = [dt.date(2026, 3, 16), dt.date(2026, 3, 20), dt.date(2026, 6, 20), dt.date(2026, 6, 22)]
    case = Case("n", "spot_check", "k", [(runs[0], "HELD", "x"), (dt.date(2026, 3, 18), "PUBLIC", None)], months=3)
    assert case.outcome(runs[0], runs) == ("HELD", "x")
    assert case.outcome(runs[2], runs) == ("PUBLIC", None)
    assert case.outcome(dt.date(2026, 6, 21), runs) == ("NOT_PUBLIC", None)
