"""What a register delivered whole each day costs the warehouse: unchanged, and with one row in a hundred changed.

BENCH_CERTIFICATES sets how many rows it has (default 1000000). What landing does with the rows that repeat is in the
figures of ingest; here dbt builds, with its tests, every model that stands on accepted certificates. The first delivery
is a month old when the next ones come, as most of a register is.
"""

import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from built_warehouse import failures, throw_away_warehouse
from certificate_snapshots import FIRST_DAY, deliver

pytestmark = pytest.mark.bench
PATH = "stg_cnca_certificates__certificates+"
ROWS = int(os.environ.get("BENCH_CERTIFICATES", "1000000"))
CHANGED = ROWS // 100


def test_snapshot(platform_home: Path, tmp_path: Path, record: Callable[[str, float], None]) -> None:
    """First with all rows new, then unchanged, then with one in a hundred suspended."""
    with throw_away_warehouse("bench_snapshot", tmp_path, FIRST_DAY) as warehouse:
        warehouse.set_days(FIRST_DAY, FIRST_DAY)
        assert failures(warehouse.dbt("seed")) == []
        assert failures(warehouse.dbt("run")) == []
        days = {
            "first": (0, (1, ROWS), "有效"),
            "unchanged": (30, (1, 0), "有效"),
            "1pct": (31, (1, CHANGED), "暂停"),
        }
        for name, (later, changed, status) in days.items():
            day = FIRST_DAY + dt.timedelta(days=later)
            deliver(warehouse, day, ROWS, changed, status)
            warehouse.admin.execute("analyze")
            warehouse.set_days(day, day)
            start = time.perf_counter()
            result = warehouse.dbt("build", "--select", PATH, "--exclude-resource-type", "unit_test")
            record(f"build.snapshot.{name}_s", time.perf_counter() - start)
            assert failures(result) == []
            slow = sorted(((round(r.execution_time, 2), r.node.name) for r in result.result), reverse=True)[:12]
            print(f"{name}: {slow}", file=sys.stderr, flush=True)
        suspended = warehouse.value(
            "select count(*) from marts.dim_certificate where status = 'SUSPENDED' and known_to = 'infinity'"
        )
        assert suspended == CHANGED
