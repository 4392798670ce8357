"""Blocked deliveries are judged again under their own number once what blocked them is mended, and only then."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from market_regulation import settings
from market_regulation.landing import check_due, collect, deliveries, land_due, unreplaced
from market_regulation.landing.rerun import retry
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source
from market_regulation.sources.store import StoreWriter

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
NEXT = dt.date(2026, 3, 17)
Deliver = Callable[..., int]
Make = Callable[..., Source]
GOOD = {"code": "A1", "name": "甲", "seen_on": "2026-03-01"}
LOADED = ("loaded", 1, 1, 0, 0, 0)
BLOCKED = ("blocked", 1, 0, 0, 0, 1)
PROFILE = {"submitter": "t", "format": {"kind": "csv"}}


def run(source: Source) -> None:
    land_due(source, DAY)
    check_due(source, DAY)


def counts(warehouse: psycopg.Connection, delivery_id: int) -> Any:
    return warehouse.execute(
        "select status, received_rows, accepted_rows, quarantined_rows, duplicate_rows, blocked_rows"
        " from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchone()


def history(warehouse: psycopg.Connection, delivery_id: int) -> list[str]:
    rows = warehouse.execute(
        "select status from landing.delivery_event where delivery_id = %s order by event_id", (delivery_id,)
    )
    return [status for (status,) in rows]


def rows_landed(warehouse: psycopg.Connection, source: Source) -> list[Any]:
    return warehouse.execute(
        f"select delivery_id, row_no, xmin::text from landing.{source.source} order by 1, 2"
    ).fetchall()


def test_a_drifted_delivery_loads_under_its_number_when_the_profile_is_mended(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    remark = {"remark": {"type": "text", "title": "备注"}}
    source = make_source("rerun_drift")
    columns = {name: {"type": column.type, "title": column.title} for name, column in source.columns.items()}
    other_template = make_source("rerun_drift", columns={**columns, **remark})
    make_source("rerun_drift")
    delivery_id = deliver(other_template, [{**GOOD, "remark": "x"}], DAY)
    run(source)
    assert counts(warehouse, delivery_id) == BLOCKED
    assert rows_landed(warehouse, source) == []
    headers = {"编号": "code", "名称": "name", "日期": "seen_on"}
    mended = make_source("rerun_drift", profiles={"plain": {**PROFILE, "headers": headers, "ignore": ["remark"]}})
    assert len(unreplaced(mended, DAY)) == 1
    run(mended)
    assert counts(warehouse, delivery_id) == LOADED
    assert unreplaced(mended, DAY) == []
    assert history(warehouse, delivery_id) == ["blocked", "loading", "loaded"]


def test_a_delivery_blocked_at_the_gate_loads_without_landing_twice_when_the_suite_is_mended(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = make_source("rerun_gate", rules=[rule(2, "be_in_set", column="name", value_set=["乙"], action="block")])
    delivery_id = deliver(source, [GOOD, {**GOOD, "code": ""}], DAY)
    run(source)
    landed = rows_landed(warehouse, source)
    assert (counts(warehouse, delivery_id)[0], len(landed)) == ("blocked", 2)
    source = make_source("rerun_gate", rules=[rule(2, "be_in_set", column="name", value_set=["甲"], action="block")])
    run(source)
    assert counts(warehouse, delivery_id) == ("loaded", 2, 1, 1, 0, 0)
    assert rows_landed(warehouse, source) == landed
    failed = "select rule_id from quality.result where delivery_id = %s and verdict = 'fail'"
    assert warehouse.execute(failed, (delivery_id,)).fetchall() == [("TST-01",)]


@pytest.mark.parametrize("volume", [{"min": 2, "max": 9}, {"min": 1, "max": 9}], ids=["as it was", "mended"])
def test_too_few_rows_block_until_the_contract_expects_fewer(
    volume: dict[str, int], make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    name = f"rerun_volume_{volume['min']}"
    source = make_source(name, volume={"min": 2, "max": 9})
    delivery_id = deliver(source, [GOOD], DAY)
    run(source)
    assert counts(warehouse, delivery_id) == BLOCKED
    run(make_source(name, volume=volume))
    mended = volume["min"] == 1
    assert counts(warehouse, delivery_id) == (LOADED if mended else BLOCKED)
    assert history(warehouse, delivery_id) == (["blocked", "loading", "loaded"] if mended else ["blocked"])


def test_what_is_still_wrong_after_a_change_is_blocked_again_with_the_new_reason(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("rerun_still", volume={"min": 3, "max": 9})
    delivery_id = deliver(source, [GOOD], DAY)
    run(source)
    run(make_source("rerun_still", volume={"min": 2, "max": 9}))
    events = warehouse.execute(
        "select status, message from landing.delivery_event where delivery_id = %s order by event_id", (delivery_id,)
    ).fetchall()
    assert [status for status, _ in events] == ["blocked", "loading", "blocked"]
    assert ["at least 3" in events[0][1], "at least 2" in events[2][1]] == [True, True]


def test_a_file_that_fitted_no_profile_gets_one_when_the_contract_gains_it(
    make_source: Make, platform_home: object, warehouse: psycopg.Connection
) -> None:
    north, south = ({**PROFILE, "submitter": name, "files": f"{name}_*.csv"} for name in ("north", "south"))
    source = make_source("rerun_profile", profiles={"north": north, "south": {**south, "files": "S_*.csv"}})
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True)
    (inbox / "south_1.csv").write_text("code,name,seen_on\nA1,x,2026-03-01\n")
    (inbox / "north_1.csv").write_text("code,name,seen_on\nA2,x,2026-03-01\n")
    [_, delivery_id] = collect(source, DAY)
    run(source)
    found = "select status, profile, submitter from landing.delivery where delivery_id = %s"
    assert warehouse.execute(found, (delivery_id,)).fetchone() == ("blocked", "", "")
    run(make_source("rerun_profile", profiles={"north": north, "south": south}))
    assert warehouse.execute(found, (delivery_id,)).fetchone() == ("loaded", "south", "south")
    assert counts(warehouse, delivery_id) == LOADED


def test_a_delivery_that_was_replaced_stays_blocked_until_a_person_asks_for_it(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("rerun_replaced", volume={"min": 2, "max": 9})
    old = deliver(source, [GOOD], DAY)
    run(source)
    deliver(source, [{**GOOD, "code": "A2"}, {**GOOD, "code": "A3"}], DAY)
    run(source)
    source = make_source("rerun_replaced")
    run(source)
    assert counts(warehouse, old) == BLOCKED
    retry(source, old)
    run(source)
    assert counts(warehouse, old) == LOADED


API = "https://api.example/v2/samples?business_day"
REPLACEMENTS = {
    "the same file": ("inbox/s/a.csv", "inbox/s/a.csv", DAY, None, True),
    "the same file on the next day": ("inbox/s/a.csv", "inbox/s/a.csv", NEXT, None, True),
    "the next file": ("inbox/s/0316.csv", "inbox/s/0317.csv", NEXT, None, False),
    "another folder's file": ("s3://out/north/a.csv", "s3://out/south/a.csv", DAY, None, False),
    "the same day of an API": (f"{API}=2026-03-16", f"{API}=2026-03-16", DAY, None, True),
    "the next day of an API": (f"{API}=2026-03-16", f"{API}=2026-03-17", NEXT, None, False),
    "the same slice of a table": ("exchange/t?at>1", "exchange/t?at>1", NEXT, "2026-03-17", True),
    "a later slice of a table": ("exchange/t?at>1", "exchange/t?at>2", NEXT, "2026-03-17", True),
    "an earlier day's slice": ("exchange/t?at>1", "exchange/t?at>1", DAY - dt.timedelta(days=1), "2026-03-15", False),
}  # fmt: skip


@pytest.mark.parametrize("case", REPLACEMENTS)
def test_only_what_came_again_replaces_a_blocked_delivery(
    case: str, make_source: Make, warehouse: psycopg.Connection, platform_home: object
) -> None:
    before, after, day, watermark, replaced = REPLACEMENTS[case]
    name = f"rerun_by_{list(REPLACEMENTS).index(case)}"
    source = make_source(name, volume={"min": 2, "max": 9})
    old = arrive(warehouse, source, before, "A1,甲,2026-03-01\n", DAY, watermark and "2026-03-16")
    run(source)
    arrive(warehouse, source, after, "A2,甲,2026-03-01\nA3,甲,2026-03-01\n", day, watermark)
    run(source)
    assert [f"delivery {old}" in problem for problem in unreplaced(source, NEXT)] == ([] if replaced else [True])
    run(make_source(name))
    assert counts(warehouse, old) == (BLOCKED if replaced else LOADED)
    assert unreplaced(source, NEXT) == []


def arrive(
    warehouse: psycopg.Connection, source: Source, uri: str, rows: str, day: dt.date, watermark: str | None
) -> int:
    """Enter a delivery that came from an address."""
    data = f"编号,名称,日期\n{rows}".encode()
    with StoreWriter(source.source, "csv") as store:
        store.write(data)
        sha256 = store.keep()
    arrival = Arrival(f"{uri}|{sha256}", uri, "plain", "tester", sha256, len(data), watermark=watermark)
    delivery_id = deliveries.register(warehouse, source.source, arrival, day)
    assert delivery_id is not None
    return delivery_id


def drop(source: Source, day: dt.date, **files: str) -> list[int]:
    """Put files (name without extension, text) into the inbox; enter them."""
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (inbox / f"{name}.csv").write_text(text)
    return collect(source, day)


def test_drifted_files_of_past_days_wait_until_the_profile_is_mended_and_land_oldest_first(
    make_source: Make, warehouse: psycopg.Connection, platform_home: object
) -> None:
    source = make_source("rerun_monday")
    drifted = "编号,名称,日期,备注\nA1,{},2026-03-01,x\n"
    monday = drop(source, DAY, monday=drifted.format("甲"))
    tuesday = drop(source, NEXT, tuesday=drifted.format("乙"))
    wednesday = drop(source, NEXT, wednesday="编号,名称,日期\nA1,丙,2026-03-01\n")
    run(source)
    blocked = [*monday, *tuesday]
    assert [counts(warehouse, delivery_id) for delivery_id in blocked + wednesday] == [BLOCKED, BLOCKED, LOADED]
    assert [unreplaced(source, day) != [] for day in (DAY - dt.timedelta(days=1), DAY, NEXT)] == [False, True, True]
    assert len(unreplaced(source, NEXT)) == 2
    headers = {"编号": "code", "名称": "name", "日期": "seen_on"}
    mended = make_source("rerun_monday", profiles={"plain": {**PROFILE, "headers": headers, "ignore": ["备注"]}})
    run(mended)
    assert unreplaced(mended, NEXT) == []
    assert warehouse.execute(
        "select d.delivery_id, l.business_day, l.name from landing.rerun_monday as l"
        " join landing.delivery as d using (delivery_id) where d.status = 'loaded' order by l.ctid, 1"
    ).fetchall() == [(*wednesday, NEXT, "丙"), (*monday, DAY, "甲"), (*tuesday, NEXT, "乙")]


def test_the_same_bytes_under_another_profile_and_name_replace_what_nobody_can_read_any_more(
    make_source: Make, warehouse: psycopg.Connection, platform_home: object
) -> None:
    source = make_source("rerun_bytes", profiles={"old": PROFILE}, volume={"min": 2, "max": 9})
    text = "code,name,seen_on\nA1,x,2026-03-01\n"
    [old] = drop(source, DAY, one=text)
    run(source)
    renamed = make_source("rerun_bytes", profiles={"new": PROFILE})
    run(renamed)
    assert counts(warehouse, old) == BLOCKED
    assert len(unreplaced(renamed, DAY)) == 1
    [again] = drop(renamed, DAY, two=text)
    run(renamed)
    assert counts(warehouse, again) == LOADED
    assert unreplaced(renamed, DAY) == []
    assert counts(warehouse, old) == BLOCKED


@pytest.mark.parametrize("landed_before", [True, False], ids=["blocked under it", "entered under it"])
def test_a_profile_that_is_gone_blocks_its_own_delivery_only(
    landed_before: bool, make_source: Make, warehouse: psycopg.Connection, platform_home: object
) -> None:
    name = f"rerun_gone_{landed_before:d}"
    south = {**PROFILE, "files": "S*"}
    source = make_source(name, profiles={"north": {**PROFILE, "files": "N*"}, "south": south})
    [old] = drop(source, DAY, N1="code,name,seen_on,more\nA1,x,2026-03-01,x\n")
    if landed_before:
        run(source)
    gone = make_source(name, profiles={"north_2026": {**PROFILE, "files": "N_2026*"}, "south": south})
    [good] = drop(gone, DAY, S1="code,name,seen_on\nB1,x,2026-03-01\n")
    run(gone)
    assert counts(warehouse, good) == LOADED
    assert counts(warehouse, old) == BLOCKED
    [problem] = unreplaced(gone, DAY)
    assert "fits no profile" in problem
    run(make_source(name, profiles={"north_2026": {**PROFILE, "files": "N*", "ignore": ["more"]}, "south": south}))
    assert counts(warehouse, old) == LOADED


def test_a_profile_that_is_gone_between_landing_and_check_blocks_its_own_delivery_only(
    make_source: Make, warehouse: psycopg.Connection, platform_home: object
) -> None:
    south = {**PROFILE, "files": "S*"}
    source = make_source("rerun_gone_landed", profiles={"north": {**PROFILE, "files": "N*"}, "south": south})
    [old] = drop(source, DAY, N1="code,name,seen_on\nA1,x,2026-03-01\n")
    land_due(source, DAY)
    gone = make_source("rerun_gone_landed", profiles={"south": south, "west": {**PROFILE, "files": "W*"}})
    [good] = drop(gone, DAY, S1="code,name,seen_on\nB1,x,2026-03-01\n")
    run(gone)
    assert counts(warehouse, good) == LOADED
    assert counts(warehouse, old) == BLOCKED
    [problem] = unreplaced(gone, DAY)
    assert "landed under profile north, which is gone from rerun_gone_landed.yml" in problem
    run(source)
    assert counts(warehouse, old) == LOADED


def test_a_rejected_row_of_a_delivery_judged_again_is_resolved_by_the_good_one_that_came_meanwhile(
    make_source: Make, warehouse: psycopg.Connection, platform_home: object, rule: Callable[..., Any]
) -> None:
    in_set = rule(2, "be_in_set", column="name", value_set=["甲"])
    source = make_source("rerun_meanwhile", rules=[in_set], volume={"min": 2, "max": 9})
    head = "编号,名称,日期\n"
    [old] = drop(source, NEXT, one=f"{head}A1,丙,2026-03-01\n")
    run(source)
    drop(source, DAY, late=f"{head}A1,甲,2026-03-01\nA2,甲,2026-03-01\n")
    [good] = drop(source, NEXT, two=f"{head}A1,甲,2026-03-02\nA3,甲,2026-03-01\n")
    drop(source, NEXT, three=f"{head}A1,甲,2026-03-03\nA4,甲,2026-03-01\n")
    run(source)
    run(make_source("rerun_meanwhile", rules=[in_set]))
    resolved = "select row_no, resolved_by_delivery_id from quality.quarantine where delivery_id = %s"
    assert counts(warehouse, old) == ("loaded", 1, 0, 1, 0, 0)
    assert warehouse.execute(resolved, (old,)).fetchall() == [(1, good)]


def test_a_replaced_delivery_whose_bytes_came_again_is_not_retried(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("rerun_twin", volume={"min": 2, "max": 9})
    old = deliver(source, [GOOD], DAY)
    run(source)
    deliver(source, [{**GOOD, "code": "A2"}, {**GOOD, "code": "A3"}], DAY)
    run(source)
    source = make_source("rerun_twin")
    again = deliver(source, [GOOD], DAY)
    run(source)
    assert counts(warehouse, again) == LOADED
    with pytest.raises(ValueError, match=f"has the bytes of delivery {again}, which is loaded"):
        retry(source, old)
    assert counts(warehouse, old) == BLOCKED


def test_a_delivery_that_failed_is_retried_once_the_store_is_restored(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("rerun_failed")
    delivery_id = deliver(source, [GOOD], DAY)
    [stored] = (settings.store() / source.source).iterdir()
    elsewhere = stored.rename(stored.with_suffix(".elsewhere").with_stem("x"))
    run(source)
    run(source)  # by itself it is not taken up
    assert history(warehouse, delivery_id) == ["failed"]
    elsewhere.rename(stored)
    retry(source, delivery_id)
    run(source)
    assert counts(warehouse, delivery_id) == LOADED


def test_a_delivery_is_retried_without_any_change_when_a_person_asks_for_it(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("rerun_retry", volume={"min": 2, "max": 9})
    delivery_id = deliver(source, [GOOD], DAY)
    run(source)
    retry(source, delivery_id)
    run(source)
    assert counts(warehouse, delivery_id) == BLOCKED
    assert history(warehouse, delivery_id) == ["blocked", "loading", "blocked"]


def test_only_what_is_blocked_or_failed_can_be_retried(make_source: Make, deliver: Deliver) -> None:
    source = make_source("rerun_refused", volume={"min": 2, "max": 9})
    blocked = deliver(source, [GOOD], DAY)
    run(source)
    source = make_source("rerun_refused")
    loaded = deliver(source, [{**GOOD, "code": "A2"}], DAY)
    again = deliver(source, [GOOD], DAY)
    deliver(make_source("rerun_foreign"), [GOOD], DAY)
    land_due(make_source("rerun_foreign"), DAY)
    with pytest.raises(ValueError, match="is loading"):
        retry(source, again)
    run(source)
    with pytest.raises(ValueError, match="is loaded"):
        retry(source, loaded)
    with pytest.raises(ValueError, match="is loaded"):  # taken up again by the change of the contract
        retry(source, blocked)
    with pytest.raises(LookupError, match="rerun_refused has no delivery"):
        retry(source, 10**9)


def test_the_history_of_verdicts_is_written_by_nobody_but_the_database(warehouse: psycopg.Connection) -> None:
    for statement in (
        "insert into landing.delivery_event (delivery_id, status) select delivery_id, 'loaded' from landing.delivery",
        "update landing.delivery_event set status = 'loaded'",
        "delete from landing.delivery_event",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            warehouse.execute(statement)
