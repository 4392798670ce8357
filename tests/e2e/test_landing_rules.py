"""Every declared rule catches its defect and nothing else: SQL and Great Expectations count the one planted row.

Each source gets one delivery with a good row and, for each rule, a copy of it broken in one place; and one with the
copies that lie just on the good side of the bounds.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import psycopg
import pytest
from rule_rows import ALLOWED, BASE, BROKEN, DOUBTED, REFUSED, Row, code, key_of

from market_regulation.landing import check_due, land_due
from market_regulation.quality.outcome import DeliveryResult
from market_regulation.quality.suite import load_suite
from market_regulation.sources.catalog import find_source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)


@pytest.mark.parametrize("source_name", BASE)
def test_each_rule_counts_its_planted_row_in_sql_and_in_great_expectations(
    source_name: str, deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = find_source(source_name)
    rules = [rule for rule in load_suite(source).expectations if rule.meta.action != "block"]
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
        "select rule_id, failed_rows, gx_failed_rows from quality.result where delivery_id = %s and action <> 'block'",
        (delivery_id,),
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


FIRST_ALLOWED, FIRST_DOUBTED, FIRST_REFUSED = 1000, 2000, 3000  # numbers in keys that no other row of the test has
Deliver = Callable[..., int]


def checked(source_name: str, changes: Sequence[Row], first: int, deliver: Deliver) -> tuple[int, DeliveryResult]:
    """Deliver good rows with these changes."""
    source = find_source(source_name)
    good = dict.fromkeys(source.columns) | BASE[source_name]
    if source_name == "registry_enterprises":  # its keys are years: other ones of another firm
        good, first = good | {"uscc": code("91310115")}, 0
    rows = [good | key_of(source_name, number) | change for number, change in enumerate(changes, start=first)]
    delivery_id = deliver(source, rows, DAY, "jiangsu_institute" if source_name == "agency_inspections" else "")
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    return delivery_id, result


@pytest.mark.parametrize("source_name", BASE)
def test_what_lies_on_the_good_side_of_a_bound_breaks_no_rule(
    source_name: str, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    """Without a warning too."""
    changes = ALLOWED[source_name]
    delivery_id, result = checked(source_name, changes, FIRST_ALLOWED, deliver)
    broken = warehouse.execute(
        "select rule_id, failed_rows, gx_failed_rows from quality.result where delivery_id = %s and failed_rows > 0",
        (delivery_id,),
    ).fetchall()
    rejected = warehouse.execute(
        "select row_no, rule_ids from quality.quarantine where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert (broken, [(rule_ids, changes[row_no - 1]) for row_no, rule_ids in rejected]) == ([], [])
    assert result.accepted == len(changes)


@pytest.mark.parametrize("case", range(len(DOUBTED)))
def test_a_doubtful_row_is_accepted_with_its_warning(
    case: int, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source_name, rule_id, change = DOUBTED[case]
    delivery_id, result = checked(source_name, [change], FIRST_DOUBTED + case, deliver)
    warned = "select rule_id from quality.result where delivery_id = %s and failed_rows > 0"
    assert (result.accepted, warehouse.execute(warned, (delivery_id,)).fetchall()) == (1, [(rule_id,)])


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_a_row_just_beyond_a_bound_breaks_that_rule_alone(
    case: int, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source_name, rule_id, change = REFUSED[case]
    delivery_id, _ = checked(source_name, [change], FIRST_REFUSED + case, deliver)
    rejected = "select rule_ids from quality.quarantine where delivery_id = %s"
    assert warehouse.execute(rejected, (delivery_id,)).fetchall() == [([rule_id],)]
