"""What a day costs the warehouse, beside the same SQL by hand, and with ten times the history.

BENCH_ROWS sets the sizes of the history (default 1000000,10000000, which take three quarters of an hour). The path is
every model that stands on accepted reports, with its tests. Each size has a database of its own, dropped at the end.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from bi_queries import QUERIES
from built_warehouse import Warehouse, failures, throw_away_warehouse
from inspection_history import DAY_AFTER, FIRST_DAY, deliver_day, deliver_history
from psycopg import sql

pytestmark = pytest.mark.bench
PATH = "stg_agency_inspections__reports+"
DAYS = 3
SIZES = [int(rows) for rows in os.environ.get("BENCH_ROWS", "1000000,10000000").split(",")]
SECONDS: dict[int, float] = {}
Record = Callable[[str, float], None]


def label(rows: int) -> str:
    """Return the size as figures name it: 1m, 10m, 50k."""
    return f"{rows // 1_000_000}m" if rows >= 1_000_000 else f"{rows // 1000}k"


@pytest.fixture(scope="module", params=SIZES, ids=label)
def history(
    request: pytest.FixtureRequest, platform_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, Warehouse]]:
    """A warehouse with the seeds and so many reports landed, nothing built."""
    with throw_away_warehouse("bench_warehouse", tmp_path_factory.mktemp("dbt"), FIRST_DAY) as warehouse:
        deliver_history(warehouse, request.param)
        warehouse.set_days(DAY_AFTER, DAY_AFTER)
        assert failures(warehouse.dbt("seed")) == []
        yield request.param, warehouse


def test_warehouse(history: tuple[int, Warehouse], record: Record) -> None:
    rows, warehouse = history
    size = label(rows)
    full_build(warehouse, size, record, beside=rows == min(SIZES))
    warehouse.admin.execute("vacuum analyze")
    seconds = []
    for number in range(DAYS):
        day = deliver_day(warehouse, rows, number)
        warehouse.set_days(day, day)
        start = time.perf_counter()
        result = warehouse.dbt("build", "--select", PATH, "--exclude-resource-type", "unit_test")
        seconds.append(time.perf_counter() - start)
        assert failures(result) == []
        slow = sorted(((round(r.execution_time, 2), r.node.name) for r in result.result), reverse=True)[:12]
        print(f"{size}: day {number} {seconds[-1]:.2f} s, {slow}", file=sys.stderr, flush=True)
    SECONDS[rows] = statistics.median(seconds)
    record(f"build.incremental.{size}_s", SECONDS[rows])
    if rows == max(SIZES):
        bi_figures(warehouse, record)
    if len(SECONDS) == len(SIZES) > 1:
        low, high = min(SIZES), max(SIZES)
        record(f"build.incremental.{label(high)}_over_{label(low)}", SECONDS[high] / SECONDS[low])


def full_build(warehouse: Warehouse, size: str, record: Record, *, beside: bool) -> None:
    """Build every model from nothing; ``beside`` it the stored ones of the path by hand: same SQL, indexes, statistics.

    By hand one table is made after the other, so dbt does it the same way where both are measured.
    """
    start = time.perf_counter()
    result = warehouse.dbt("run", *(["--threads", "1"] if beside else []))
    record(f"build.full.{size}_wall_s", time.perf_counter() - start)
    assert failures(result) == []
    path = set(warehouse.dbt("list", "--select", PATH, "--resource-type", "model", "--output", "name").result)
    stored = [
        r for r in result.result if r.node.name in path and r.node.config.materialized in ("table", "incremental")
    ]
    by_dbt = sum(r.execution_time for r in stored)
    record(f"build.full.{size}_s", by_dbt)
    print(size, sorted(((round(r.execution_time, 1), r.node.name) for r in stored), reverse=True), file=sys.stderr)
    if not beside:
        return
    warehouse.admin.execute("create schema by_hand")
    start = time.perf_counter()
    for r in stored:
        table = sql.Identifier("by_hand", r.node.name)
        warehouse.admin.execute(sql.SQL("create table {} as ").format(table) + sql.SQL(r.node.compiled_code))
        for index in r.node.config.get("indexes") or []:
            columns = sql.SQL(", ").join(map(sql.Identifier, index["columns"]))
            unique = sql.SQL("unique" if index.get("unique") else "")
            warehouse.admin.execute(sql.SQL("create {} index on {} ({})").format(unique, table, columns))
        warehouse.admin.execute(sql.SQL("analyze {}").format(table))
    by_hand = time.perf_counter() - start
    warehouse.admin.execute("drop schema by_hand cascade")
    record("build.full.by_hand_s", by_hand)
    record("build.full.ratio_to_ctas", by_dbt / by_hand)


def bi_figures(warehouse: Warehouse, record: Record) -> None:
    """Ask the ten questions as bi_reader, with our indexes and with a planner that may not use them."""
    with psycopg.connect(warehouse.uri("bi_reader"), autocommit=True) as reader:
        for name, setting, rounds in (("with_index", "on", 3), ("without_index", "off", 1)):
            for scan in ("indexscan", "indexonlyscan", "bitmapscan"):
                reader.execute(f"set enable_{scan} = {setting}".encode())
            taken = {
                question: statistics.median(ask(reader, query) for _ in range(rounds))
                for question, query in QUERIES.items()
            }
            print(name, {question: round(t, 3) for question, t in taken.items()}, file=sys.stderr, flush=True)
            record(f"bi.{name}.p50_s", statistics.median(taken.values()))
            record(f"bi.{name}.p95_s", statistics.quantiles(taken.values(), n=20, method="inclusive")[-1])


def ask(reader: psycopg.Connection, query: str) -> float:
    """Return the seconds from the question to its last row."""
    start = time.perf_counter()
    reader.execute(f"select q::text from ({query}) as q".encode()).fetchall()  # as text: infinity is no Python date
    return time.perf_counter() - start
