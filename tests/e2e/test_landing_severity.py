"""Critical, error and warning end differently, and all three are seen: in the results, the line and Data Docs."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from rule_rows import BASE, BROKEN, Row, key_of

from market_regulation.landing import check_due, land_due
from market_regulation.quality.outcome import DeliveryResult
from market_regulation.sources.catalog import find_source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
IDENTITY_NUMBER = "11010519491231002X"  # the well-known specimen, nobody's
CRITICAL = {
    "amr_penalties": ("PEN-61", {"party_key": IDENTITY_NUMBER}, {"party_key": IDENTITY_NUMBER[:-1] + "3"}),
    "case_events": (
        "EVT-12",
        {"source_key": f"甲局〔2026〕1号|A|{IDENTITY_NUMBER}"},
        {"source_key": "甲局〔2026〕1号|A|P1"},
    ),
}
KEYS = itertools.count(90)  # no other test has their rows
Deliver = Callable[..., int]


def _checked(deliver: Deliver, source_name: str, *changes: Row) -> tuple[int, DeliveryResult]:
    source = find_source(source_name)
    good = dict.fromkeys(source.columns) | BASE[source_name]
    rows = [good | key_of(source_name, n) | change for n, change in enumerate(changes, start=next(KEYS) * 10)]
    delivery_id = deliver(source, rows, DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    return delivery_id, result


@pytest.mark.parametrize("source_name", CRITICAL)
def test_one_row_that_breaks_a_critical_rule_blocks_the_delivery(
    source_name: str, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    rule_id, broken, _ = CRITICAL[source_name]
    delivery_id, result = _checked(deliver, source_name, {}, broken)
    assert (result.verdict, result.accepted, result.quarantined, result.blocked) == ("blocked", 0, 0, 2)
    assert rule_id in "".join(result.problems)
    kept = warehouse.execute("select count(*) from quality.quarantine where delivery_id = %s", (delivery_id,))
    assert kept.fetchone() == (0,)


@pytest.mark.parametrize("source_name", CRITICAL)
def test_a_key_that_only_looks_like_an_identity_number_blocks_nothing(source_name: str, deliver: Deliver) -> None:
    _, result = _checked(deliver, source_name, {}, CRITICAL[source_name][2])
    assert (result.verdict, result.accepted) == ("loaded", 2)


def test_all_three_severities_are_seen(deliver: Deliver, warehouse: psycopg.Connection) -> None:
    delivery_id, result = _checked(
        deliver, "amr_penalties", CRITICAL["amr_penalties"][1], BROKEN["PEN-07"], BROKEN["PEN-25"]
    )
    failed = warehouse.execute(
        "select rule_id, action, severity, failed_rows, verdict from quality.result"
        " where delivery_id = %s and failed_rows > 0 order by rule_id",
        (delivery_id,),
    ).fetchall()
    assert failed == [
        ("PEN-07", "quarantine", "error", 1, "fail"),
        ("PEN-25", "warn", "warning", 1, "fail"),
        ("PEN-61", "block", "critical", 1, "fail"),
    ]
    gravest_first = ["critical PEN-61", "error PEN-07", "warning PEN-25"]
    assert re.findall(r"(?:critical|error|warning) PEN-[0-9]+", result.line()) == gravest_first
    [page] = Path(result.data_docs).parent.glob(f"validations/**/delivery {delivery_id} of */**/*.html")
    words = page.read_text("utf-8")
    assert [rule for rule in gravest_first if rule not in words] == []
