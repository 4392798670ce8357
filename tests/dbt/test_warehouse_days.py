"""What each build says, and that what was said of a past day stays said."""

import datetime as dt
from collections.abc import Iterator

import pytest
from built_warehouse import Warehouse, failures
from case_rows import AGENCY, AUTHORITY

FIRST_DAY = dt.date(2026, 3, 16)
SECOND_DAY = dt.date(2026, 3, 17)
SAID_ON_FIRST_DAY = {
    "DUE": "FAIL",
    "CORRECTED": "FAIL",
    "REVOKED": "FAIL",
    "UNSERVED": "service_not_proven",
    "WARNING": "NA_warning_only",
    "MISNAMED": "subject_name_mismatch",
    "PERSON": "FAIL",
    "SEVERE": "FAIL",
    "S1|producer": "FAIL",
    "S2|producer": "objection_window_open",
    "S3|producer": "NA_passed",
    "S4|producer": "NA_not_dispatched",
    "S5|producer": "NA_passed",
    "S5|seller": "NA_passed",
    f"{AGENCY}|I1": "PASS",
    f"{AGENCY}|I2": "NA_superseded",
    "V1": "PASS",
    "V2": "FAIL",
    "LISTED": "FAIL",
    "CANDIDATE": "NA_candidate",
    "REMOVED": "NA_listing_removed",
    f"CHECK-FAILED|{AUTHORITY}": "FAIL",
    f"CHECK-PASSED|{AUTHORITY}": "PASS",
    "某市应急管理局|OTHER-DUE": "FAIL",
    "某市应急管理局|OTHER-REVOKED": "NA_decision_revoked",
}


def test_every_model_and_test_is_green_on_an_empty_warehouse(built_empty: Warehouse) -> None:
    assert built_empty.value("select count(*) from marts.dim_date") == 17_167


@pytest.mark.parametrize(
    ("event", "three", "seven", "ten", "twenty"),
    [
        ("2024-01-05", "2024-01-10", "2024-01-16", "2024-01-19", "2024-02-02"),
        ("2024-02-05", "2024-02-08", "2024-02-20", "2024-02-23", "2024-03-08"),
        ("2024-04-26", "2024-04-30", "2024-05-09", "2024-05-13", "2024-05-27"),
        ("2024-09-25", "2024-09-29", "2024-10-10", "2024-10-14", "2024-10-28"),
        ("2025-01-20", "2025-01-23", "2025-02-05", "2025-02-08", "2025-02-21"),
        ("2025-09-26", "2025-09-30", "2025-10-13", "2025-10-16", "2025-10-30"),
        ("2026-02-10", "2026-02-13", "2026-02-26", "2026-03-02", "2026-03-16"),
    ],
)
def test_working_days_follow_the_official_calendar(
    built_empty: Warehouse, event: str, three: str, seven: str, ten: str, twenty: str
) -> None:
    found = built_empty.rows(
        """
        select later.date_day::text
        from marts.dim_date as d
        join marts.dim_date as later
            on later.is_working_day and later.working_day_no - d.working_day_no in (3, 7, 10, 20)
        where d.date_day = %(event)s
        order by later.date_day
        """,
        event=event,
    )
    assert [day for (day,) in found] == [three, seven, ten, twenty]


def test_days_beyond_the_published_calendar_are_provisional(built_empty: Warehouse) -> None:
    assert built_empty.rows(
        "select min(date_day) filter (where is_provisional), max(date_day) filter (where not is_provisional),"
        " max(date_day) from marts.dim_date"
    ) == [(dt.date(2027, 1, 1), dt.date(2026, 12, 31), dt.date(2050, 12, 31))]


def test_each_situation_gets_its_verdict(first_day: Warehouse) -> None:
    assert first_day.verdicts(FIRST_DAY, FIRST_DAY) == SAID_ON_FIRST_DAY


def test_each_penalty_gets_a_verdict_of_its_own_on_credit_china(first_day: Warehouse) -> None:
    """No notice and no document are asked for there; a warning alone is not shown under order 58 (A3)."""
    assert first_day.verdicts(FIRST_DAY, FIRST_DAY, rules="^CREDIT") == {
        "DUE": "FAIL",
        "CORRECTED": "FAIL",
        "REVOKED": "FAIL",
        "UNSERVED": "service_not_proven",
        "WARNING": "NA_warning_or_criticism_only",
        "MISNAMED": "subject_name_mismatch",
        "PERSON": "FAIL",
        "SEVERE": "FAIL",
    }


def test_a_failed_ccc_check_is_shown_once_its_window_is_over(first_day: Warehouse) -> None:
    assert first_day.verdicts(FIRST_DAY, FIRST_DAY, rules="^GSXT-CCC") == {"V1": "NA_passed", "V2": "FAIL"}


def test_each_disclosable_failure_is_due_or_held(obligations_of_first_day: list[tuple[str, ...]]) -> None:
    """Seven working days on 信用中国; on GSXT ten for the firm of another province, twenty for the person."""
    assert sorted(obligations_of_first_day) == [
        ("credit_china", "CORRECTED", "2026-02-26", "ORDER58-STANDARD", "DUE", None),
        ("credit_china", "DUE", "2026-02-26", "ORDER58-STANDARD", "DUE", None),
        ("credit_china", "MISNAMED", "2026-02-26", None, "HELD", "subject_name_mismatch"),
        ("credit_china", "PERSON", "2026-02-26", "ORDER58-STANDARD", "DUE", None),
        ("credit_china", "REVOKED", "2026-02-26", "ORDER58-STANDARD", "DUE", None),
        ("credit_china", "SEVERE", "2026-02-26", "ORDER58-STANDARD", "HELD", "review_pending"),
        ("credit_china", "UNSERVED", "2026-02-26", None, "HELD", "service_not_proven"),
        ("gsxt", f"CHECK-FAILED|{AUTHORITY}", "2026-03-16", "CHECK-SAMR2025-GENERAL", "DUE", None),
        ("gsxt", f"CHECK-PASSED|{AUTHORITY}", "2026-03-16", "CHECK-PASSED", "DUE", None),
        ("gsxt", "CORRECTED", "2026-03-02", "SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "DUE", "2026-03-02", "SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "LISTED", "2026-03-16", "LISTING-SAMR2025", "HELD", "review_pending"),
        ("gsxt", "MISNAMED", "2026-03-02", None, "HELD", "subject_name_mismatch"),
        ("gsxt", "PERSON", "2026-03-16", "SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "REVOKED", "2026-03-02", "SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "S1|producer", "2026-03-16", "SPOT-SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "S2|producer", None, None, "HELD", "objection_window_open"),
        ("gsxt", "SEVERE", "2026-03-02", "SAMR2025-SERIOUS", "HELD", "review_pending"),
        ("gsxt", "UNSERVED", "2026-03-02", None, "HELD", "service_not_proven"),
        ("gsxt", "V2", "2026-04-09", "CCC-SAMR2025-GENERAL", "DUE", None),
        ("gsxt", "某市应急管理局|OTHER-DUE", "2026-03-16", "ODP-SAMR2025-GENERAL", "DUE", None),
    ]


def test_correction_event_name_and_rule_count_from_the_day_they_are_known(second_day: Warehouse) -> None:
    assert second_day.verdicts(SECOND_DAY, SECOND_DAY) == SAID_ON_FIRST_DAY | {
        "CORRECTED": "NA_simple_procedure",
        "REVOKED": "NA_decision_revoked",
        "MISNAMED": "FAIL",
        "S1|producer": "NA_not_dispatched",
        "S2|producer": "NA_not_dispatched",
    }


def test_what_was_revoked_or_removed_must_not_stay_public(second_day: Warehouse) -> None:
    ended = second_day.rows(
        "select channel, split_part(source_key, '〔', 1), op, reason_code, shown_reason, due_on::text"
        " from marts.disclosure_ended"
    )
    assert sorted(ended) == [
        ("credit_china", "REVOKED", "WITHDRAW", "decision_revoked", "撤销", "2026-03-17"),
        ("gsxt", "REMOVED", "STOP", "listing_removed", "移出名单", "2026-03-16"),
        ("gsxt", "REVOKED", "WITHDRAW", "decision_revoked", "撤销", "2026-03-17"),
        ("gsxt", "某市应急管理局|OTHER-REVOKED", "WITHDRAW", "decision_revoked", "撤销", "2026-03-17"),
    ]


@pytest.fixture
def day_to_set(second_day: Warehouse) -> Iterator[Warehouse]:
    """The warehouse of the second day, whose day is set back afterwards."""
    yield second_day
    second_day.set_days(SECOND_DAY, SECOND_DAY)


def test_past_day_recomputed_says_the_same_to_the_byte(day_to_set: Warehouse, verdicts_of_first_day: str) -> None:
    for table in ("int_daily_verdicts", "int_judged_days"):
        day_to_set.admin.execute(f"delete from intermediate.{table} where known_day = %s", (FIRST_DAY,))
    assert day_to_set.verdicts_as_text(FIRST_DAY, FIRST_DAY) != verdicts_of_first_day
    day_to_set.set_days(FIRST_DAY, FIRST_DAY)
    assert failures(day_to_set.dbt("run", "--select", "+fct_verdict")) == []
    assert day_to_set.verdicts_as_text(FIRST_DAY, FIRST_DAY) == verdicts_of_first_day


def test_past_day_seen_with_later_knowledge(day_to_set: Warehouse) -> None:
    day_before_the_revocation = dt.date(2026, 3, 11)
    day_to_set.set_days(day_before_the_revocation, SECOND_DAY)
    assert failures(day_to_set.dbt("run", "--select", "+fct_verdict")) == []
    assert day_to_set.verdicts(day_before_the_revocation, SECOND_DAY) == SAID_ON_FIRST_DAY | {
        "CORRECTED": "NA_simple_procedure",
        "MISNAMED": "FAIL",
        "REMOVED": "FAIL",
        "某市应急管理局|OTHER-REVOKED": "FAIL",
        "S1|producer": "NA_not_dispatched",
        "S2|producer": "NA_not_dispatched",
    }


def test_increments_leave_what_a_full_rebuild_leaves(second_day: Warehouse) -> None:
    stores = [
        f"{schema}.{name}"
        for schema, name in second_day.rows(
            "select schemaname, tablename from pg_tables where tablename like '%%\\_versioned'"
            " or tablename in ('fct_inspection', 'fct_spot_check', 'fct_ccc_check', 'fct_penalty',"
            " 'fct_serious_listing', 'fct_supervision_check', 'fct_other_dept_penalty', 'int_inspections_judged',"
            " 'dim_certificate', 'dim_enterprise', 'dim_equipment')"
        )
    ]
    assert len(stores) == 21
    grown = {store: second_day.content(store) for store in stores}
    names = [store.partition(".")[2] for store in stores]
    views = ("int_certificate_states", "int_device_states")  # between the stores
    assert failures(second_day.dbt("run", "--full-refresh", "--select", *names, *views)) == []
    assert {store: second_day.content(store) for store in stores} == grown
    assert failures(second_day.dbt("run", "--select", "config.materialized:view")) == []  # they went with the stores


def test_certificate_status_is_seen_as_it_was_known(second_day: Warehouse) -> None:
    found = second_day.rows(
        "select status, valid_from::text, valid_to::text, known_from::text, known_to::text from marts.dim_certificate"
        " where certificate_no = '2024010301123456'"
    )
    assert sorted(found) == [
        ("SUSPENDED", "2026-03-01", "infinity", "2026-03-17", "infinity"),
        ("VALID", "2024-01-01", "2026-03-01", "2026-03-17", "infinity"),
        ("VALID", "2024-01-01", "infinity", "2026-03-16", "2026-03-17"),
    ]
