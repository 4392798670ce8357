"""Every declared rule catches its defect: SQL and Great Expectations count the one planted row, and no other.

Each source gets one delivery: a good row, and for each rule a copy of it broken in one place.
"""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from rule_rows import BASE, BROKEN, key_of

from market_regulation.landing import check_due, land_due
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
