"""Great Expectations as part of the gate: what it keeps, and that it is heard when it disagrees."""

import dataclasses
import datetime as dt
import fcntl
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from market_regulation.landing import check_due, checking, land_due
from market_regulation.quality.gate import GxOutcome
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)


def test_data_docs_name_the_rule_and_show_no_value_and_no_password(
    make_source: Callable[..., Source], deliver: Callable[..., int], rule: Callable[..., Any], platform_home: Path
) -> None:
    source = make_source("gate_docs", rules=[rule(2, "be_in_set", column="name", value_set=["允许"])])
    deliver(source, [{"code": "CANARY-CODE", "name": "张三丰13812345678", "seen_on": "2026-03-01"}], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    index = Path(result.data_docs)
    assert index == platform_home / "data_docs" / "index.html"
    assert "gate_docs" in index.read_text(encoding="utf-8")
    pages = [p for p in (platform_home / "data_docs").rglob("*") if p.is_file() and "gate_docs" in str(p)]
    text = "".join(p.read_text(encoding="utf-8") for p in pages)
    assert {p.suffix for p in pages} == {".html", ".json"}
    assert "TST-02" in text
    for secret in ("CANARY-CODE", "张三丰", "13812345678", "postgresql+psycopg://"):
        assert secret not in text


def test_a_count_of_great_expectations_that_differs_blocks(
    make_source: Callable[..., Source],
    deliver: Callable[..., int],
    warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = make_source("gate_differs")
    deliver(source, [{"code": "A"}, {"code": ""}], DAY)
    land_due(source, DAY)
    real = checking.run_expectations

    def other(*arguments: Any) -> GxOutcome:
        return dataclasses.replace(real(*arguments), failed={"TST-01": 0})

    monkeypatch.setattr(checking, "run_expectations", other)
    [result] = check_due(source, DAY)
    assert result.verdict == "blocked"
    assert result.problems == ("rule TST-01: SQL counts 1 failing rows, Great Expectations 0",)


def test_a_delivery_whose_key_column_is_all_missing_is_all_quarantined(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = make_source("gate_missing")
    deliver(source, [{"code": ""}, {"code": "/"}], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert (result.verdict, result.received, result.quarantined) == ("loaded", 2, 2)


def test_a_delivery_of_unreadable_rows_only_is_all_quarantined(
    make_source: Callable[..., Source], deliver: Callable[..., int], warehouse: psycopg.Connection
) -> None:
    source = make_source("gate_unreadable")
    deliver(source, [{"code": "A\0"}, {"code": "B\0"}], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert (result.verdict, result.quarantined) == ("loaded", 2)


def test_an_empty_delivery_is_blocked(make_source: Callable[..., Source], deliver: Callable[..., int]) -> None:
    source = make_source("gate_empty")
    deliver(source, [], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert result.verdict == "blocked"
    assert "0 rows" in result.problems[0]


def test_data_docs_are_built_by_one_check_at_a_time(
    make_source: Callable[..., Source], deliver: Callable[..., int], platform_home: Path
) -> None:
    source = make_source("gate_one_builder")
    deliver(source, [{"code": "A"}], DAY)
    land_due(source, DAY)
    docs = platform_home / "data_docs"
    docs.mkdir(exist_ok=True)
    check = multiprocessing.get_context("fork").Process(target=check_due, args=(source, DAY), daemon=True)
    with (docs / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another check is building
        check.start()
        results = docs / "results" / source.source
        assert _comes_true(lambda: any(results.rglob("*.json")))
        check.join(1)
        assert check.is_alive()
        assert not (docs / "validations" / source.source).exists()
        fcntl.flock(file, fcntl.LOCK_UN)  # the forked child shares the open file, so closing it would not do
    check.join(120)
    assert check.exitcode == 0
    assert source.source in (docs / "index.html").read_text(encoding="utf-8")


def _comes_true(condition: Callable[[], bool], seconds: int = 120) -> bool:
    for _ in range(seconds * 20):
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("seen_on", "warning"),
    [
        ("2026-03-13", None),
        ("2026-03-12", "4 days back: old (freshness: 3/10)"),
        ("2026-03-05", "11 days back: far too old"),
        ("2026-03-17", "no good row has a valid seen_on"),
        ("三月", "no good row has a valid seen_on"),
    ],
)
def test_a_delivery_without_news_is_accepted_with_a_warning(
    seen_on: str,
    warning: str | None,
    make_source: Callable[..., Source],
    deliver: Callable[..., int],
    warehouse: psycopg.Connection,
) -> None:
    source = make_source("gate_stale")
    delivery_id = deliver(source, [{"code": seen_on, "seen_on": seen_on}], DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    [(status, message)] = warehouse.execute(
        "select status, message from landing.delivery where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert (status, result.verdict) == ("loaded", "loaded")
    assert (message is None) == (warning is None)
    assert (warning or "") in (message or "")


def test_the_result_line_says_what_became_of_the_rows_and_where_to_look(
    make_source: Callable[..., Source], deliver: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    source = make_source("gate_line", volume={"min": 1, "max": 1})
    delivery_id = deliver(source, [{"code": "A"}, {"code": ""}], DAY)
    land_due(source, DAY)
    with caplog.at_level("INFO", "market_regulation.landing.checking"):
        check_due(source, DAY)
    [line] = [r.getMessage() for r in caplog.records if r.name == "market_regulation.landing.checking"]
    for part in (
        f"gate_line delivery {delivery_id} (test): loaded, received 2 = accepted 1 + quarantined 1 + duplicate 0",
        "TST-01 规则1 ×1", "at most 1", "quality.quarantine", "index.html",
    ):  # fmt: skip
        assert part in line
