"""What the credit archive says of each enterprise, that each fact stands in it once, and that a day loses none."""

from typing import Any

import pytest
from built_warehouse import Warehouse, failures
from case_rows import LATE, REGISTERED

Archive = dict[str, dict[str, Any]]
NOTHING = {"records_public": 0, "repairs": 0, "certificates_revoked": 0, "samples_sold": 0}
OF_FIRST_DAY = {
    **NOTHING,
    "inspections": 2,
    "failed_inspections": 1,  # put right by the later report
    "samples_produced": 5,
    "failed_samples_produced": 3,
    "certificates_valid": 1,
    "certificates_suspended": 1,
    "ccc_checks": 2,
    "failed_ccc_checks": 1,
    "supervision_checks": 2,
    "failed_supervision_checks": 1,
    "penalties": 6,
    "fine_amount": 80_000,
    "other_dept_penalties": 1,
    "other_dept_fine_amount": 20_000,
    "serious_listings": 1,
    "findings_annulled": 1,
    "open_failures": 5,
    "risk_class": "D",
    "region_code": "110000",
}
OF_SECOND_DAY = OF_FIRST_DAY | {
    "penalties": 6,  # the misnamed one is its own by now, the revoked one counts no more
    "fine_amount": 90_000,  # one decision was corrected by 10,000 元
    "findings_annulled": 2,
    "certificates_valid": 1,  # one was suspended, another restored
    "certificates_suspended": 1,
}
# Kind of fact and role: what the facts themselves tell, current versions only.
FACTS = {
    ("inspection", "user_unit"): "marts.fct_inspection where user_unit_name is not null or user_unit_uscc is not null",
    ("spot_check", "producer"): "marts.fct_spot_check where producer_name is not null or producer_uscc is not null",
    ("spot_check", "seller"): "marts.fct_spot_check where seller_name is not null or seller_uscc is not null",
    ("certificate", "applicant"): "intermediate.int_certificates_versioned where applicant_name is not null",
    ("certificate", "factory"): "intermediate.int_certificates_versioned where factory_name is not null",
    ("ccc_check", "holder"): "marts.fct_ccc_check where holder_name is not null",
    ("ccc_check", "factory"): "marts.fct_ccc_check where factory_name is not null",
    ("penalty", "party"): "marts.fct_penalty where true",
    ("other_dept_penalty", "party"): "marts.fct_other_dept_penalty where true",
    ("serious_listing", "party"): "marts.fct_serious_listing where stage <> 'CANDIDATE'",
    ("supervision_check", "party"): "marts.fct_supervision_check where true",
}  # fmt: skip
COUNTED = {
    ("inspection", "user_unit"): "inspections",
    ("spot_check", "producer"): "samples_produced",
    ("spot_check", "seller"): "samples_sold",
    ("supervision_check", "party"): "supervision_checks",
}


def test_archive_of_the_first_day(archive_of_first_day: Archive) -> None:
    assert set(archive_of_first_day) == {REGISTERED}
    found = archive_of_first_day[REGISTERED]
    assert {name: found[name] for name in OF_FIRST_DAY} == OF_FIRST_DAY


def test_archive_follows_revocation_new_name_and_new_registration(archive_of_second_day: Archive) -> None:
    assert set(archive_of_second_day) == {REGISTERED, LATE}
    found = archive_of_second_day[REGISTERED]
    assert {name: found[name] for name in OF_SECOND_DAY} == OF_SECOND_DAY
    seller = archive_of_second_day[LATE]
    assert {name: value for name, value in seller.items() if value and not name.endswith(("_on", "_day"))} == {
        "uscc": LATE,
        "samples_sold": 1,
        "risk_class": "A",
        "region_code": "310000",
    }


def test_records_stand_with_the_enterprise_that_the_resolver_found(archive_of_first_day: Archive) -> None:
    """Of the 16 records due two are a person's, of the 5 held two a misnamed party's: they stand in no archive."""
    found = archive_of_first_day[REGISTERED]
    assert (found["records_due"], found["records_held"], found["records_ended"]) == (14, 3, 2)


@pytest.mark.parametrize(("kind", "role"), FACTS)
def test_every_fact_stands_in_an_archive_or_in_the_rest(second_day: Warehouse, kind: str, role: str) -> None:
    told = second_day.value(
        f"select count(*) from {FACTS[kind, role]} and known_to = 'infinity'".replace("where ", "where (", 1).replace(
            " and known_to", ") and known_to"
        )
    )
    by_status = dict(
        second_day.rows(
            "select subject_status, sum(facts) from marts.credit_archive_coverage"
            " where fact_kind = %(kind)s and role = %(role)s group by subject_status",
            kind=kind,
            role=role,
        )
    )
    assert sum(by_status.values()) == told > 0
    resolved = second_day.value(
        "select count(*) from marts.subject_resolution where fact_kind = %(kind)s and role = %(role)s"
        " and known_to = 'infinity' and resolved_uscc is not null and source_key not like 'CANDIDATE%%'",
        kind=kind,
        role=role,
    )
    assert by_status.get("resolved", 0) == resolved
    if (kind, role) in COUNTED:
        column = COUNTED[kind, role]
        assert second_day.value(f"select sum({column}) from marts.credit_archive") == resolved


def test_fines_of_all_archives_and_of_the_rest_are_those_of_the_facts(second_day: Warehouse) -> None:
    archived = second_day.value("select sum(fine_amount) from marts.credit_archive")
    outside = second_day.value(
        "select sum(amount) from marts.credit_archive_event"
        " where indicator = 'penalty' and (uscc is null or annulled_on is not null)"
    )
    facts = second_day.value("select sum(fine_amount) from marts.fct_penalty where known_to = 'infinity'")
    assert (archived, outside, facts) == (90_000, 40_000, 130_000)


def test_timeline_tells_the_revocation_in_chinese(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select event_on::text, event_kind, event_text, annulled_on::text from marts.credit_archive_event"
        " where source_key like 'REVOKED%%' and fact_kind = 'penalty' order by event_on"
    )
    assert found == [
        ("2026-02-10", "penalty", "行政处罚：罚款，罚款20000.00元", "2026-03-12"),
        ("2026-03-12", "decision_revoked", "处罚决定撤销", None),
    ]


def test_event_is_traced_to_its_row(second_day: Warehouse) -> None:
    lost = second_day.value(
        "select count(*) from marts.credit_archive_event as e left join landing.row_outcome as o"
        " on e.source_delivery_id = o.delivery_id and e.source_row_no = o.row_no"
        " where o.outcome is distinct from 'accepted'"
    )
    assert lost == 0


def test_natural_person_is_in_no_archive(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select uscc, subject_status from marts.credit_archive_event where source_key like 'PERSON%%'"
    )
    assert found == [(None, "unregistered")]


def test_producer_and_seller_of_a_key_product_are_listed(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select uscc, key_product_name, business, samples, failed_samples from marts.key_product_enterprise"
    )
    assert sorted(found) == [
        (REGISTERED, "电线电缆", "production", 1, 0),
        (LATE, "电线电缆", "sale", 1, 0),
    ]


def test_increments_leave_what_a_full_rebuild_leaves(second_day: Warehouse) -> None:
    marts = ["credit_archive_event", "credit_archive", "credit_archive_coverage", "key_product_enterprise"]
    grown = {mart: second_day.content(f"marts.{mart}") for mart in marts}
    assert failures(second_day.dbt("run", "--full-refresh", "--select", *marts)) == []
    assert {mart: second_day.content(f"marts.{mart}") for mart in marts} == grown


def test_day_without_news_touches_no_event(second_day: Warehouse) -> None:
    before = second_day.rows("select ctid::text from marts.credit_archive_event order by 1")
    assert failures(second_day.dbt("run", "--select", "credit_archive_event")) == []
    assert second_day.rows("select ctid::text from marts.credit_archive_event order by 1") == before
