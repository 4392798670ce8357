"""The life of a delivery: every row gets one outcome, repeating anything changes nothing, killing loses nothing."""

import datetime as dt
import multiprocessing
import os
import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from market_regulation.landing import check_due, checking, deliveries, land_due, loading, prepare, problems, unreplaced
from market_regulation.quality import settlement
from market_regulation.sources.catalog import ContractError
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
Deliver = Callable[..., int]
Make = Callable[..., Source]


def row(code: str, name: str | None = "甲", seen_on: str | None = "2026-03-01") -> dict[str, str | None]:
    return {"code": code, "name": name, "seen_on": seen_on}


def run(source: Source, day: dt.date = DAY) -> None:
    land_due(source, day)
    check_due(source, day)


def outcomes(warehouse: psycopg.Connection, delivery_id: int) -> list[Any]:
    return warehouse.execute(
        "select outcome, rule_ids, same_as_delivery_id, same_as_row_no, resolved_by_delivery_id"
        " from landing.row_outcome where delivery_id = %s order by row_no",
        (delivery_id,),
    ).fetchall()


def counts(warehouse: psycopg.Connection, delivery_id: int) -> tuple[Any, ...]:
    found = warehouse.execute(
        "select status, received_rows, accepted_rows, quarantined_rows, duplicate_rows, blocked_rows"
        " from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchone()
    assert found is not None
    return found


ACCEPTED = ("accepted", [], None, None, None)


def quarantined(*rule_ids: str, by: int | None = None) -> tuple[Any, ...]:
    return ("quarantined", list(rule_ids), None, None, by)


def test_every_row_gets_exactly_one_outcome(
    make_source: Make, rule: Callable[..., Any], deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    short = rule(2, "rule_column", name="name_short", passes="char_length(name) < 3")
    source = make_source("test_outcomes", rules=[short, rule(3, "not_be_null", column="name", action="warn")])
    first = row("A1")
    rows = [
        first,
        row("a １　"),  # the same code, written otherwise
        row("A1", "乙"),  # the same key, other content
        row("", "太长了"),  # breaks two rules
        row("A2", "/"),  # a null word: only warned of
        row("A3", seen_on="２０２６-03-01"),
    ]
    delivery_id = deliver(source, rows, DAY)
    run(source)
    assert outcomes(warehouse, delivery_id) == [
        ACCEPTED,
        ("duplicate", [], delivery_id, 1, None),
        quarantined("LAND-02"),
        quarantined("TST-01", "TST-02"),
        ACCEPTED,
        ACCEPTED,
    ]
    assert counts(warehouse, delivery_id) == ("loaded", 6, 3, 2, 1, 0)
    [record] = warehouse.execute(
        "select record, reasons from quality.quarantine where delivery_id = %s and row_no = 4", (delivery_id,)
    ).fetchall()
    assert record == ({"code": "", "name": "太长了", "seen_on": "2026-03-01"}, ["规则1", "规则2"])
    accepted = warehouse.execute(
        "select row_key, source_key, name, seen_on_date, business_day from quality.test_outcomes_accepted order by 1"
    ).fetchall()
    march = dt.date(2026, 3, 1)
    assert accepted == [
        ("A1", "A1", "甲", march, DAY), ("A2", "A2", None, march, DAY), ("A3", "A3", "甲", march, DAY),
    ]  # fmt: skip


def test_an_unreadable_row_keeps_its_text_and_lands_nothing_else(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_unreadable")
    delivery_id = deliver(source, [row("A1"), row("A2", "甲\0")], DAY)
    run(source)
    assert outcomes(warehouse, delivery_id) == [ACCEPTED, quarantined("LAND-01")]
    assert warehouse.execute(
        "select record from quality.quarantine where delivery_id = %s", (delivery_id,)
    ).fetchall() == [({"_raw": "A2,甲\\x00,2026-03-01"},)]


def test_the_same_bytes_again_are_a_duplicate_without_landing_rows(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_again")
    first = deliver(source, [row("A1"), row("")], DAY)
    run(source)
    again = deliver(source, [row("A1"), row("")], DAY)
    run(source)
    assert counts(warehouse, again) == ("duplicate", 2, 0, 0, 2, 0)
    assert outcomes(warehouse, again) == [("duplicate", [], first, n, None) for n in (1, 2)]
    assert warehouse.execute("select count(*) from landing.test_again").fetchone() == (2,)


def test_the_same_bytes_twice_before_any_check_share_the_verdict(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_twins", volume={"min": 2, "max": 9})
    good = [deliver(source, [row("A1"), row("A2")], DAY) for _ in range(2)]
    poor = [deliver(source, [row("A3")], DAY) for _ in range(2)]
    run(source)
    assert [counts(warehouse, d)[0] for d in good + poor] == ["loaded", "duplicate", "blocked", "blocked"]


def test_rows_of_an_earlier_delivery_are_duplicates_and_a_value_that_comes_back_is_news(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_versions")
    first = deliver(source, [row("K", "A"), row("L", "A")], DAY)
    run(source)
    second = deliver(source, [row("K", "B"), row("L", " A ")], DAY)
    run(source)
    third = deliver(source, [row("K", "A"), row("L", "A", "2026-03-01 ")], DAY)
    run(source)
    assert outcomes(warehouse, second) == [ACCEPTED, ("duplicate", [], first, 2, None)]
    assert outcomes(warehouse, third) == [ACCEPTED, ("duplicate", [], first, 2, None)]


def test_a_past_day_delivered_late_is_compared_with_what_was_known_then(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_late_day")
    days = [DAY, DAY + dt.timedelta(days=9), DAY + dt.timedelta(days=1)]
    for day, name in zip(days, ["A", "B", "B"], strict=True):
        late = deliver(source, [row("K", name), row("L", "A"), row(day.isoformat())], day)
        run(source, day)
    assert outcomes(warehouse, late) == [ACCEPTED, ("duplicate", [], late - 2, 2, None), ACCEPTED]


def test_a_corrected_row_resolves_the_rejected_one_and_leaves_its_counts(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = make_source("test_corrected", rules=[rule(2, "be_in_set", column="name", value_set=["甲"])])
    bad = deliver(source, [row("A1", "丙"), row("A2", "丙")], DAY)
    run(source)
    still_bad = deliver(source, [row("A1", "丁")], DAY)
    run(source)
    assert outcomes(warehouse, bad)[0] == quarantined("TST-02")
    corrected = deliver(source, [row("A1", "甲")], DAY)
    run(source)
    assert outcomes(warehouse, bad) == [quarantined("TST-02", by=corrected), quarantined("TST-02")]
    assert outcomes(warehouse, still_bad) == [quarantined("TST-02", by=corrected)]
    assert counts(warehouse, bad) == ("loaded", 2, 0, 2, 0, 0)


def only_a(make_source: Make, rule: Callable[..., Any], name: str, **changes: Any) -> Source:
    """A source in which names other than 甲 and 乙 are rejected."""
    return make_source(name, rules=[rule(2, "be_in_set", column="name", value_set=["甲", "乙"])], **changes)


def delivered(source: Source, deliver: Deliver, *rows: dict[str, str | None], day: dt.date = DAY, **known: Any) -> int:
    """Deliver rows and let them be checked."""
    delivery_id = deliver(source, rows, day, **known)
    run(source, day)
    return delivery_id


def resolved_by(warehouse: psycopg.Connection, delivery_id: int) -> list[Any]:
    """Who resolved the rejected rows of a delivery, in order."""
    found = outcomes(warehouse, delivery_id)
    return [outcome[4] for outcome in found if outcome[0] == "quarantined"]


def test_a_row_of_another_submitter_with_the_same_key_resolves_nothing(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    north, south = ({"submitter": name, "files": f"{name}_*", "format": {"kind": "csv"}} for name in "ns")
    source = only_a(make_source, rule, "test_two_submitters", profiles={"north": north, "south": south})
    bad = delivered(source, deliver, row("1", "丙"), profile="north")
    delivered(source, deliver, row("1", "乙"), profile="south")
    delivered(source, deliver, row("1", "乙"), row("2"), profile="south")  # a duplicate
    assert resolved_by(warehouse, bad) == [None]
    good = delivered(source, deliver, row("1", "甲"), profile="north")
    assert resolved_by(warehouse, bad) == [good]


def test_a_past_day_that_is_delivered_late_resolves_nothing_of_later_days(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = only_a(make_source, rule, "test_late_resolves")
    bad = delivered(source, deliver, row("A1", "丙"))
    delivered(source, deliver, row("A1"), day=DAY - dt.timedelta(days=1))
    assert resolved_by(warehouse, bad) == [None]
    good = delivered(source, deliver, row("A1", "乙"))
    assert resolved_by(warehouse, bad) == [good]


@pytest.mark.parametrize("names", ["丙甲", "甲丙", "甲乙"], ids=["bad, good", "good, bad", "conflict"])
def test_within_one_delivery_no_row_resolves_another(
    names: str, make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = only_a(make_source, rule, f"test_within_{names.encode().hex()}")
    first = delivered(source, deliver, *(row("A1", name) for name in names))
    assert resolved_by(warehouse, first) == [None]
    again = delivered(source, deliver, row("A1", "甲"))  # only the right row: it repeats the accepted one
    assert counts(warehouse, again) == ("loaded", 1, 0, 0, 1, 0)
    assert resolved_by(warehouse, first) == [again]


def test_a_row_that_repeats_what_was_accepted_before_the_bad_one_resolves_it(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = only_a(make_source, rule, "test_good_bad_good")
    delivered(source, deliver, row("A1"), row("A2"))
    bad = delivered(source, deliver, row("A1", "丙"), row("A2", "丙"))
    good = delivered(source, deliver, row("A1"))
    assert counts(warehouse, good) == ("loaded", 1, 0, 0, 1, 0)
    assert resolved_by(warehouse, bad) == [good, None]


def test_the_very_bytes_that_were_good_before_the_bad_ones_resolve_them(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = only_a(make_source, rule, "test_bytes_resolve")
    good = [row("A1"), row("A2"), row("A2", "乙"), row("A4", "丙")]
    first = delivered(source, deliver, *good)
    bad = delivered(source, deliver, row("A1", "丙"), row("A2", "丙"), row("A3", "丙"), row("A4", "丁"))
    tomorrow = delivered(source, deliver, row("A1", "丁"), day=DAY + dt.timedelta(days=1))
    again = delivered(source, deliver, *good)
    assert counts(warehouse, again) == ("duplicate", 4, 0, 0, 4, 0)
    assert resolved_by(warehouse, bad) == [again, again, None, None]
    assert resolved_by(warehouse, first) == [None, None]  # what contradicts itself or is bad does so again
    assert resolved_by(warehouse, tomorrow) == [None]


def test_a_blocking_rule_blocks_every_row(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, rule: Callable[..., Any]
) -> None:
    source = make_source("test_block", rules=[rule(2, "not_be_null", column="name", action="block")])
    delivery_id = deliver(source, [row("A1"), row("A2", None), row("")], DAY)
    run(source)
    assert counts(warehouse, delivery_id) == ("blocked", 3, 0, 0, 0, 3)
    assert outcomes(warehouse, delivery_id) == [("blocked", [], None, None, None)] * 3
    assert warehouse.execute("select count(*) from quality.test_block_accepted").fetchone() == (0,)
    [problem] = unreplaced(source, DAY)
    assert "TST-02 规则2: 1 rows" in problem
    deliver(source, [row("A1"), row("A2", "甲")], DAY)
    run(source)
    assert unreplaced(source, DAY) == []


@pytest.mark.parametrize("column", ["date", "timestamp"])
def test_a_silent_source_is_warned_of_and_then_fails_the_report(
    column: str, make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"test_silent_{column}"
    columns = {**_columns(make_source(name)), "seen_on": {"type": column, "title": "日期"}}
    source = make_source(name, columns=columns)
    assert problems(source, DAY) == []  # no view yet
    land_due(source, DAY)
    assert problems(source, DAY) == []  # nothing was ever delivered
    deliver(source, [row("A1"), row("A2", seen_on="2026-03-14"), row("A3", seen_on="2099-01-01"), row("")], DAY)
    run(source)

    def said(days: int) -> tuple[list[str], str]:
        caplog.clear()
        found = problems(source, dt.date(2026, 3, 14) + dt.timedelta(days=days))
        return found, "\n".join(record.message for record in caplog.records if "newest" in record.message)

    assert said(3) == ([], "")
    sentence = "the newest accepted seen_on is 2026-03-14, 10 days before 2026-03-24 (freshness: 3/10)"
    assert said(10)[0] == []
    assert sentence in said(10)[1]
    [problem] = said(77)[0]
    assert "is 2026-03-14, 77 days before" in problem
    assert problem.endswith(f"Next: ask 测试 for what is missing, or mend freshness in {name}.yml")

    deliver(source, [row("A4", seen_on="2026-05-29")], dt.date(2026, 5, 30))
    run(source, dt.date(2026, 5, 30))
    assert said(77) == ([], "")


def test_an_announced_number_that_did_not_arrive_blocks(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_announced")
    delivery_id = deliver(source, [row("A1")], DAY, announced_rows=2)
    run(source)
    assert counts(warehouse, delivery_id) == ("blocked", 1, 0, 0, 0, 1)


def test_an_unknown_heading_blocks_with_its_name_and_is_mended_in_the_profile(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_drift")
    more = make_source("test_drift", columns={**_columns(source), "remark": {"type": "text", "title": "备注"}})
    delivery_id = deliver(more, [{**row("A1"), "remark": "x"}], DAY)
    land_due(source, DAY)
    assert counts(warehouse, delivery_id) == ("blocked", 1, 0, 0, 0, 1)
    [problem] = unreplaced(source, DAY)
    assert "remark" in problem
    assert "profile plain in test_drift.yml" in problem

    run(more)
    assert counts(warehouse, delivery_id) == ("loaded", 1, 1, 0, 0, 0)
    assert warehouse.execute("select remark from quality.test_drift_accepted").fetchone() == ("x",)


def _columns(source: Source) -> dict[str, Any]:
    return {name: {"type": column.type, "title": column.title} for name, column in source.columns.items()}


def test_a_stored_file_that_is_gone_makes_the_delivery_fail(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_gone")
    delivery_id = deliver(source, [row("A1")], DAY)
    path = loading.stored_file("test_gone", _sha256(warehouse, delivery_id))
    path.unlink()
    land_due(source, DAY)
    assert counts(warehouse, delivery_id)[0] == "failed"
    assert "holds no file" in unreplaced(source, DAY)[0]


def _sha256(warehouse: psycopg.Connection, delivery_id: int) -> str:
    [found] = warehouse.execute("select sha256 from landing.delivery where delivery_id = %s", (delivery_id,)).fetchall()
    return str(found[0])


def test_a_delivery_with_an_error_that_nobody_foresaw_holds_up_no_other(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source("test_stuck")
    stuck = deliver(source, [row("A1")], DAY)
    good = deliver(source, [row("A2")], DAY)
    copy = loading._copy

    def fails_once(connection: Any, source: Source, delivery: deliveries.Delivery, path: Any) -> int:
        if delivery.delivery_id == stuck:
            raise ZeroDivisionError("by a bug")
        return copy(connection, source, delivery, path)

    with monkeypatch.context() as patched:
        patched.setattr(loading, "_copy", fails_once)
        with pytest.raises(RuntimeError, match=rf"delivery {stuck}: ZeroDivisionError\('by a bug'\)"):
            land_due(source, DAY)
    assert [counts(warehouse, one)[:2] for one in (stuck, good)] == [("loading", None), ("loading", 1)]
    run(source)
    assert [counts(warehouse, one)[0] for one in (stuck, good)] == ["loaded", "loaded"]


def test_a_contract_that_lost_a_profile_in_use_is_refused(make_source: Make, deliver: Deliver) -> None:
    source = make_source("test_profile")
    deliver(source, [row("A1")], DAY)
    run(source)
    other = make_source("test_profile", profiles={"renamed": {"submitter": "t", "format": {"kind": "csv"}}})
    with pytest.raises(ContractError, match=r"plain.*are missing"):
        land_due(other, DAY)


def test_a_contract_may_gain_and_lose_columns(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    def columns() -> list[Any]:
        return warehouse.execute(
            "select column_name from information_schema.columns where table_name = 'test_columns_accepted'"
            " order by ordinal_position"
        ).fetchall()

    source = make_source("test_columns")
    deliver(source, [row("A1")], DAY)
    run(source)
    before = columns()
    more = make_source("test_columns", columns={"paid": {"type": "amount", "title": "金额"}, **_columns(source)})
    deliver(more, [{**row("A2"), "paid": "1,000.5"}], DAY)
    run(more)
    assert columns() == [*before, ("paid",), ("paid_amount",)]
    amounts = warehouse.execute("select code, paid_amount from quality.test_columns_accepted order by 1").fetchall()
    assert amounts == [("A1", None), ("A2", Decimal("1000.50"))]
    run(source)
    assert columns() == before


def test_deliveries_of_two_months_land_in_two_partitions(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_months")
    for day in (DAY, dt.date(2026, 4, 1)):
        deliver(source, [row(day.isoformat())], day)
        run(source, day)
    parts = warehouse.execute("select distinct tableoid::regclass::text from landing.test_months order by 1").fetchall()
    assert parts == [("landing.test_months_202603_rest",), ("landing.test_months_202604_rest",)]


def test_a_long_delivery_lands_in_a_partition_of_its_own(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source("test_long")
    deliver(source, [row("A1"), row("A2")], DAY)
    run(source)
    monkeypatch.setattr(loading, "LONG_DELIVERY", 1)
    delivery_id = deliver(source, [row("A2"), row("A3"), row("")], DAY)
    run(source)
    own = f"landing.test_long__d{delivery_id}"
    parts = warehouse.execute("select tableoid::regclass::text, count(*) from landing.test_long group by 1 order by 1")
    assert parts.fetchall() == [("landing.test_long_202603_rest", 2), (own, 3)]
    counts = warehouse.execute(
        "select accepted_rows, quarantined_rows, duplicate_rows from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchone()
    assert counts == (1, 1, 1)
    for statement in (
        f"insert into {own} select * from {own}",
        f"delete from {own}",
        f"drop table {own}",
        f"select landing.close_delivery('test_long', '2026-03-16', {delivery_id})",
    ):
        with pytest.raises(psycopg.Error):
            warehouse.execute(statement)


def test_in_a_month_made_by_an_older_version_a_long_delivery_stands_among_the_others(
    make_source: Make,
    deliver: Deliver,
    warehouse: psycopg.Connection,
    admin_uri: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = make_source("test_old_month")
    monkeypatch.setattr(loading, "LONG_DELIVERY", 1)
    prepare(source, DAY)
    with psycopg.connect(admin_uri("postgres"), dbname=warehouse.info.dbname) as admin:
        admin.execute("drop table landing.test_old_month_202603")
        admin.execute(
            "create table landing.test_old_month_202603 partition of landing.test_old_month"
            " for values from ('2026-03-01') to ('2026-04-01')"
        )
        admin.execute("grant select on landing.test_old_month_202603 to loader")
    deliver(source, [row("A1")], DAY)
    run(source)
    parts = warehouse.execute("select tableoid::regclass::text from landing.test_old_month").fetchall()
    assert parts == [("landing.test_old_month_202603",)]


def test_the_loader_can_neither_change_nor_delete_what_landed(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_insert_only")
    deliver(source, [row("A1")], DAY)
    run(source)
    for statement in (
        "update landing.test_insert_only set name = 'x'",
        "delete from landing.test_insert_only",
        "truncate landing.test_insert_only",
        "drop table landing.test_insert_only_202603",
        "delete from landing.delivery",
        "delete from landing.duplicate",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            warehouse.execute(statement)


KILL_POINTS = [
    (land_due, deliveries, "lock"),
    (land_due, loading, "_stream"),
    (land_due, deliveries, "mark_received"),
    (check_due, checking, "take_snapshot"),
    (check_due, checking, "evaluate"),
    (check_due, checking, "run_expectations"),
    (check_due, checking, "drop_snapshot"),
    (check_due, settlement, "write_quarantine"),
    (check_due, settlement, "write_keys"),
    (check_due, deliveries, "mark_loaded"),
]


@pytest.mark.parametrize(("step", "module", "name"), KILL_POINTS, ids=lambda value: getattr(value, "__name__", value))
def test_killed_at_any_point_a_repeated_run_gives_the_undisturbed_tables(
    step: Callable[[Source, dt.date], object],
    module: Any,
    name: str,
    make_source: Make,
    deliver: Deliver,
    warehouse: psycopg.Connection,
) -> None:
    source = make_source(f"test_kill_{name.strip('_')}")
    rows = [row("A1"), row("A1"), row(""), row("A2")]
    delivery_id = deliver(source, rows, DAY)
    if step is check_due:
        land_due(source, DAY)
    _run_and_kill_after(step, source, module, name)
    assert counts(warehouse, delivery_id)[0] == "loading"
    run(source)
    assert counts(warehouse, delivery_id) == ("loaded", 4, 2, 1, 1, 0)
    assert outcomes(warehouse, delivery_id) == [
        ACCEPTED, ("duplicate", [], delivery_id, 1, None), quarantined("TST-01"), ACCEPTED,
    ]  # fmt: skip
    left = warehouse.execute("select tablename from pg_tables where tablename like %s", (f"{source.source}_check%",))
    assert left.fetchall() == []
    assert warehouse.execute(f"select count(*) from landing.{source.source}").fetchone() == (4,)
    run(source)
    assert counts(warehouse, delivery_id)[0] == "loaded"


def _run_and_kill_after(step: Callable[[Source, dt.date], object], source: Source, module: Any, name: str) -> None:
    """Run a step in a forked child that dies by SIGKILL as soon as ``module.name`` has done its work."""

    def child() -> None:
        done = getattr(module, name)

        def last_call(*arguments: Any, **keywords: Any) -> None:
            done(*arguments, **keywords)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(module, name, last_call)
        step(source, DAY)

    process = multiprocessing.get_context("fork").Process(target=child, daemon=True)
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL


def test_two_copies_of_a_step_at_once_do_the_work_once(
    make_source: Make, deliver: Deliver, warehouse: psycopg.Connection
) -> None:
    source = make_source("test_copies")
    delivery_id = deliver(source, [row("A1"), row("A2")], DAY)
    for step in (land_due, check_due):
        fork = multiprocessing.get_context("fork")
        copies = [fork.Process(target=step, args=(source, DAY), daemon=True) for _ in range(3)]
        for copy in copies:
            copy.start()
        for copy in copies:
            copy.join(120)
        assert [copy.exitcode for copy in copies] == [0, 0, 0]
    assert counts(warehouse, delivery_id) == ("loaded", 2, 2, 0, 0, 0)
    assert warehouse.execute("select count(*) from landing.test_copies").fetchone() == (2,)
