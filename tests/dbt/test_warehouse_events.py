"""Hazards, certificate events and the organisations that report, as the two days leave them."""

from built_warehouse import Warehouse
from case_rows import AGENCY, AUTHORITY, RESTORED


def test_failed_lift_is_a_hazard_by_both_definitions_until_it_is_inspected_again(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select split_part(source_key, '|', 2), hazard_class, found_on::text, superseded_on::text from marts.fct_hazard"
        " where known_to = 'infinity' order by hazard_class desc"
    )
    assert found == [
        ("I2", "重大事故隐患", "2026-02-05", "2026-03-05"),
        ("I2", "严重事故隐患", "2026-02-05", "2026-03-05"),
    ]


def test_restored_certificate_was_valid_suspended_and_valid_again(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select status, status_on::text, reported_on::text from marts.fct_certificate_event"
        " where certificate_no = %(no)s order by reported_on, status_on",
        no=RESTORED,
    )
    assert found == [
        ("VALID", "2024-01-01", "2026-03-16"),
        ("SUSPENDED", "2026-03-01", "2026-03-16"),
        ("VALID", "2026-03-10", "2026-03-17"),
    ]


def test_who_reports_has_one_name_and_the_days_of_its_first_and_last_report(second_day: Warehouse) -> None:
    """The authority punishes again on the second day; the agency does not report."""
    days = "first_named_on::text, last_named_on::text"
    agencies = second_day.rows(f"select agency_uscc, {days} from marts.dim_agency")
    assert agencies == [(AGENCY, "2026-03-16", "2026-03-16")]
    authorities = second_day.rows(
        f"select authority_name, {days} from marts.dim_authority where authority_uscc = %(code)s", code=AUTHORITY
    )
    assert authorities == [("某市市场监督管理局", "2026-03-16", "2026-03-17")]
