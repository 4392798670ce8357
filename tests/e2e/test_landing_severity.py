"""Critical, error and warning end differently, and all three are seen: in the results, the line and Data Docs."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rule_rows import BASE, Row, key_of
from stdnum.cn import ric

from market_regulation.landing import check_due, land_due
from market_regulation.quality.outcome import DeliveryResult
from market_regulation.sources.catalog import find_source
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
IDENTITY_NUMBER = "11010519491231002X"  # the well-known specimen, nobody's
KEY_OF_A_PERSON = {
    "amr_penalties": ("PEN-61", "party_key", "{}"),
    "case_events": ("EVT-12", "source_key", "甲局〔2026〕1号|A|{}"),
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


@pytest.mark.parametrize("source_name", KEY_OF_A_PERSON)
def test_an_identity_number_as_key_rejects_its_own_row_only(
    source_name: str, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    """One careless clerk must not hold back everybody's revocations."""
    rule_id, column, key = KEY_OF_A_PERSON[source_name]
    born_14_years_ago = _identity_number("310115", DAY.replace(year=DAY.year - 14))
    rows = [{column: key.format(number)} for number in (IDENTITY_NUMBER, "P1", born_14_years_ago)]
    delivery_id, result = _checked(deliver, source_name, *rows)
    assert (result.verdict, result.accepted, result.quarantined) == ("loaded", 1, 2)
    broken = "select row_no, rule_ids from quality.quarantine where delivery_id = %s order by row_no"
    assert warehouse.execute(broken, (delivery_id,)).fetchall() == [(1, [rule_id]), (3, [rule_id])]


@pytest.mark.parametrize("source_name", KEY_OF_A_PERSON)
def test_a_document_number_of_region_day_and_serial_is_no_identity_number(source_name: str, deliver: Deliver) -> None:
    """Of such numbers every eleventh has the right check character, but nobody was born on the day of the case."""
    _, column, key = KEY_OF_A_PERSON[source_name]
    day_after = DAY.replace(year=DAY.year - 14) + dt.timedelta(days=1)
    numbers = ["310115202603160002", _identity_number("310115", DAY), _identity_number("310115", day_after)]
    _, result = _checked(
        deliver, source_name, *({column: key.format(n)} for n in [*numbers, IDENTITY_NUMBER[:-1] + "3"])
    )
    assert (result.verdict, result.accepted) == ("loaded", 4)


def _identity_number(place: str, born: dt.date) -> str:
    body = f"{place}{born:%Y%m%d}001"
    return body + str(ric.calc_check_digit(body + "0"))


def test_all_three_severities_are_seen(
    deliver: Deliver,
    warehouse: psycopg.Connection,
    make_source: Callable[..., Source],
    rule: Callable[..., Any],
) -> None:
    """A critical rule blocks the delivery, and the line and Data Docs name it first."""
    rules = [
        rule(2, "be_in_set", column="name", value_set=["甲", "乙", "丙"], action="block"),
        rule(3, "be_in_set", column="name", value_set=["甲", "乙", "丁"]),
        rule(4, "be_in_set", column="name", value_set=["甲", "丙", "丁"], action="warn"),
    ]
    for one, severity in zip(rules, ("critical", "error", "warning"), strict=True):
        one["meta"]["severity"] = severity
    source = make_source("test_severities", rules)
    rows = [{"code": name, "name": name, "seen_on": "2026-03-05"} for name in ("甲", "乙", "丙", "丁")]
    delivery_id = deliver(source, rows, DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert (result.verdict, result.accepted, result.quarantined, result.blocked) == ("blocked", 0, 0, 4)
    assert "TST-02" in "".join(result.problems)
    kept = warehouse.execute("select count(*) from quality.quarantine where delivery_id = %s", (delivery_id,))
    assert kept.fetchone() == (0,)
    failed = warehouse.execute(
        "select rule_id, action, severity, failed_rows, verdict from quality.result"
        " where delivery_id = %s and failed_rows > 0 order by rule_id",
        (delivery_id,),
    ).fetchall()
    assert failed == [
        ("TST-02", "block", "critical", 1, "fail"),
        ("TST-03", "quarantine", "error", 1, "fail"),
        ("TST-04", "warn", "warning", 1, "fail"),
    ]
    gravest_first = ["critical TST-02", "error TST-03", "warning TST-04"]
    assert re.findall(r"(?:critical|error|warning) TST-[0-9]+", result.line()) == gravest_first
    [page] = Path(result.data_docs).parent.glob(f"validations/**/delivery {delivery_id} of */**/*.html")
    words = page.read_text("utf-8")
    assert [rule for rule in gravest_first if rule not in words] == []
