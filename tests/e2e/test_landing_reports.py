"""A report of an inspection agency is known by agency, number and version.

Neither another agency's report of the same number nor another version of it is the same row.
"""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from rule_rows import BASE, FIRM, TRADER, WRONG, Row

from market_regulation.landing import check_due, land_due
from market_regulation.sources.catalog import find_source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
Outcome = tuple[str, list[str]]


def report(number: str, **changes: str | None) -> Row:
    return dict.fromkeys(find_source("agency_inspections").columns) | BASE["agency_inspections"] | {
        "report_no": number, **changes,
    }  # fmt: skip


@pytest.fixture
def outcomes(deliver: Callable[..., int], warehouse: psycopg.Connection) -> Callable[..., list[Outcome]]:
    """Deliver reports in the Jiangsu institute's template and return what became of each, with the broken rules."""
    source = find_source("agency_inspections")

    def _outcomes(*rows: Row) -> list[Outcome]:
        delivery_id = deliver(source, list(rows), DAY, "jiangsu_institute")
        land_due(source, DAY)
        check_due(source, DAY)
        return warehouse.execute(
            "select outcome, rule_ids from landing.row_outcome where delivery_id = %s order by row_no", (delivery_id,)
        ).fetchall()

    return _outcomes


def test_two_versions_of_a_report_may_come_in_one_file(
    outcomes: Callable[..., list[Outcome]], warehouse: psycopg.Connection
) -> None:
    first, second = report("V1", report_version="1"), report("V1", report_version="2", conclusion="不合格")
    assert [outcome for outcome, _ in outcomes(first, second, second)] == ["accepted", "accepted", "duplicate"]
    keys = warehouse.execute(
        "select row_key from quality.agency_inspections_accepted where report_no = 'V1' order by 1"
    ).fetchall()
    assert keys == [(f"{FIRM}|V1|1",), (f"{FIRM}|V1|2",)]


def test_a_version_with_two_contents_is_still_a_conflict(outcomes: Callable[..., list[Outcome]]) -> None:
    first = report("V2", report_version="1")
    assert outcomes(first, first | {"conclusion": "不合格"})[1] == ("quarantined", ["LAND-02"])


def test_a_rejected_version_is_not_resolved_by_another_one(
    outcomes: Callable[..., list[Outcome]], warehouse: psycopg.Connection
) -> None:
    bad = report("V3", report_version="2", conclusion="不合格", user_unit_uscc=WRONG)
    assert outcomes(bad, report("V3", report_version="1")) == [("quarantined", ["INS-07"]), ("accepted", [])]
    open_rows = (
        "select count(*) from quality.quarantine where source_key like '%|V3|%' and resolved_by_delivery_id is null"
    )
    assert warehouse.execute(open_rows).fetchone() == (1,)
    outcomes(bad | {"user_unit_uscc": FIRM})
    assert warehouse.execute(open_rows).fetchone() == (0,)


def test_equal_numbers_of_two_agencies_are_two_reports(outcomes: Callable[..., list[Outcome]]) -> None:
    """Also over deliveries, and a rejected report of one is not resolved by the other's."""
    one, other = report("V4"), report("V4", agency_uscc=TRADER, device_code="311010123202400002", conclusion="不合格")
    assert [outcome for outcome, _ in outcomes(one, other)] == ["accepted", "accepted"]
    assert [outcome for outcome, _ in outcomes(one, other)] == ["duplicate", "duplicate"]


@pytest.mark.parametrize("version", ["1", "01", "９", "99", None])
def test_a_version_is_a_number_of_two_digits(version: str | None, outcomes: Callable[..., list[Outcome]]) -> None:
    assert outcomes(report(f"V5-{version}", report_version=version)) == [("accepted", [])]
