"""Verdicts on inspections grow by what each day brings, and say for every pair of days what the rule says of it."""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import case_rows as rows
import pytest
from built_warehouse import Warehouse, failures, throw_away_warehouse

DAYS = [dt.date(2026, 3, 18) + dt.timedelta(days=n) for n in range(4)]
DEVICES = ["311010120262000001", "311010120262000002", "111010120262000003", None]
VERDICTS = {"合格": "PASS", "复检合格": "PASS", "不合格": "FAIL", "报废": "FAIL"}
GRAVEST_FIRST = ["报废", "不合格", "合格", "复检合格"]
PATH = ("+int_inspections_judged", "+int_device_due", "+credit_archive_event")
GROWN = (
    "intermediate.int_inspections_judged",
    "intermediate.int_device_due",
    "marts.dim_equipment",
    "marts.credit_archive_event",
)


class Report(NamedTuple):
    """One version of a report as delivered."""

    known_on: dt.date
    number: str
    device: str | None
    kind: str
    inspected_on: dt.date
    conclusion: str


@pytest.fixture
def warehouse(platform_home: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse of its own with the seeds of the path, built without a row."""
    with throw_away_warehouse("verdict_periods", tmp_path, DAYS[0]) as made:
        made.set_days(DAYS[0], DAYS[0])
        assert failures(made.dbt("seed", "--select", *PATH)) == []
        assert failures(made.dbt("run", "--select", *PATH)) == []
        yield made


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.chaos), pytest.param(3, marks=pytest.mark.chaos)]
)
def test_increments_and_every_pair_of_days_say_what_the_rule_says(warehouse: Warehouse, seed: int) -> None:
    history = random.Random(seed)
    delivered: list[Report] = []
    for day in DAYS:
        news = [report(history, day) for _ in range(8)]
        delivered += news
        warehouse.deliver("agency_inspections", day, [row(r) for r in news])
        build(warehouse, day)
    for valid_day in DAYS:
        for known_day in DAYS:
            found = warehouse.rows(
                "select split_part(source_key, '|', 2), verdict from intermediate.int_inspections_judged"
                " where valid_from <= %(valid)s and %(valid)s < valid_to"
                " and known_from <= %(known)s and %(known)s < known_to and source_key like '%%|RANDOM%%'",
                valid=valid_day,
                known=known_day,
            )
            assert sorted(found) == sorted(expected(delivered, valid_day, known_day)), (
                f"{seed}, {valid_day}, {known_day}"
            )
    grown = {table: warehouse.content(table) for table in GROWN}
    build(warehouse, DAYS[-1], "--full-refresh")
    assert {table: warehouse.content(table) for table in GROWN} == grown, f"seed {seed}"


def test_what_stays_as_it_was_is_not_written_again(warehouse: Warehouse) -> None:
    """A periodic inspection of a device takes nothing from what was said of its supervision."""
    first, second = DAYS[:2]
    supervised = Report(first, "SUPERVISED", DEVICES[0], "监督检验", first, "合格")
    periodic = [Report(day, f"PERIODIC-{day}", DEVICES[0], "定期检验", day, "合格") for day in (first, second)]
    warehouse.deliver("agency_inspections", first, [row(r) for r in (supervised, periodic[0])])
    build(warehouse, first)
    kept = ("intermediate.int_inspections_judged", "marts.credit_archive_event")
    places = {table: of_report(warehouse, table, supervised) for table in kept}
    assert all(places.values())
    warehouse.deliver("agency_inspections", second, [row(periodic[1])])
    build(warehouse, second)
    assert {table: of_report(warehouse, table, supervised) for table in kept} == places
    assert (periodic[0].number, "NA_superseded") in verdicts_now(warehouse)


def of_report(warehouse: Warehouse, table: str, r: Report) -> list[tuple[str]]:
    """Return where in the table its rows lie; a row written again lies elsewhere."""
    return warehouse.rows(f"select ctid::text from {table} where source_key like '%%|{r.number}' order by 1")


def verdicts_now(warehouse: Warehouse) -> list[tuple[str, str]]:
    return warehouse.rows(
        "select split_part(source_key, '|', 2), verdict from intermediate.int_inspections_judged"
        " where valid_to = 'infinity' and known_to = 'infinity'"
    )


def report(history: random.Random, day: dt.date) -> Report:
    """A new report or a correction, which may name another device or a day of inspection still to come."""
    return Report(
        known_on=day,
        number=f"RANDOM-{history.randrange(16)}",
        device=history.choice(DEVICES),
        kind=history.choice(["定期检验", "定期检验", "监督检验", "自行检测"]),
        inspected_on=day + dt.timedelta(days=history.randint(-3, 1)),
        conclusion=history.choice(GRAVEST_FIRST),
    )


def row(r: Report) -> rows.Row:
    inspected = f"{r.inspected_on:%Y/%m/%d}"
    return rows.inspection(
        r.number,
        r.conclusion,
        device_code=r.device,
        inspection_type=r.kind,
        inspected_on=inspected,
        reported_on=inspected,
    )


def build(warehouse: Warehouse, day: dt.date, *options: str) -> None:
    warehouse.set_days(day, day)
    assert failures(warehouse.dbt("run", "--select", *PATH, *options)) == []


def expected(delivered: list[Report], valid_day: dt.date, known_day: dt.date) -> list[tuple[str, str]]:
    """The rule of domain 11 A19, read for one pair of days: the last version known of each report inspected by then."""
    known = {r.number: r for r in delivered if r.known_on <= known_day}
    seen = [r for r in known.values() if r.inspected_on <= valid_day]
    return [(r.number, verdict(r, seen)) for r in seen]


def verdict(r: Report, seen: list[Report]) -> str:
    if r.kind == "自行检测":
        return "NA_self_test"
    if r.device is None:
        return "HELD"
    is_boiler = r.device.startswith("1")
    rivals = [] if is_boiler else [o for o in seen if (o.device, o.kind) == (r.device, r.kind)]
    if any(outranks(other, r) for other in rivals):
        return "NA_superseded"
    return VERDICTS[r.conclusion]


def outranks(other: Report, r: Report) -> bool:
    """The later inspection, of one day the graver, of equal ones what was known last, then the lower number."""
    gravity = [GRAVEST_FIRST.index(x.conclusion) if x.conclusion != "复检合格" else 2 for x in (other, r)]
    mine = (other.inspected_on, -gravity[0], other.known_on)
    yours = (r.inspected_on, -gravity[1], r.known_on)
    return mine > yours or (mine == yours and other.number < r.number)
