"""Exchange tables: late commits are seen, nothing is delivered twice, null and empty text stay different."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from market_regulation.landing import check_due, collect, land_due
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
NEXT = dt.date(2026, 3, 17)
Connect = Callable[..., psycopg.Connection]

COLUMNS = {
    "code": {"type": "code", "title": "编号"},
    "name": {"type": "text", "title": "名称"},
    "letter": {"type": "document", "title": "文书", "media_type_column": "letter_type"},
    "letter_type": {"type": "text", "title": "格式"},
    "changed_at": {"type": "timestamp", "title": "时间"},
}


@pytest.fixture
def table(connect: Connect, request: pytest.FixtureRequest) -> tuple[str, psycopg.Connection]:
    """A table of the test's own in the exchange database."""
    name = f"t_{request.node.name.removeprefix('test_')[:40]}"
    exchange = connect("exchange", "owner")
    exchange.execute("create schema if not exists elsewhere")
    exchange.execute("grant usage on schema elsewhere to loader")
    exchange.execute(
        f"create table elsewhere.{name}"
        " (code text, name text, letter bytea, letter_type text, changed_at timestamptz not null)"
    )
    exchange.execute(f"grant select on elsewhere.{name} to loader")
    return f"elsewhere.{name}", exchange


@pytest.fixture
def source(make_source: Callable[..., Source], table: tuple[str, Any]) -> Source:
    """A source that reads the test's table."""
    return make_source(
        f"from_{table[0].split('.')[1]}"[:40].rstrip("_"),
        columns=COLUMNS,
        fetch={"kind": "exchange_table", "table": table[0], "watermark": "changed_at", "overlap": "1 day"},
        profiles={"system": {"submitter": "系统"}},
        freshness={"column": "changed_at", "warn_days": 1, "error_days": 2},
    )


def put(
    table: tuple[str, psycopg.Connection], code: str, name: str | None, hour: int, letter: bytes | None = None
) -> None:
    table[1].execute(
        f"insert into {table[0]} values"
        " (%s, %s, %s, 'text/plain', timestamptz '2026-03-16 00:00+08' + %s * interval '1 hour')",
        (code, name, letter, hour),
    )


def run(source: Source, day: dt.date = DAY) -> list[int]:
    entered = collect(source, day)
    land_due(source, day)
    check_due(source, day)
    return entered


def landed(warehouse: psycopg.Connection, source: Source) -> list[Any]:
    return warehouse.execute(f"select code, name from landing.{source.source} order by delivery_id, row_no").fetchall()


def test_only_news_is_delivered(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    put(table, "B", "2", 5)
    put(table, "A", "1", 5)
    assert len(run(source)) == 1
    assert run(source) == []
    put(table, "C", "3", 6)
    assert len(run(source, NEXT)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("B", "2"), ("C", "3")]
    assert run(source, NEXT) == []


def test_a_row_committed_late_is_seen_and_the_watermark_stays(
    source: Source, table: Any, connect: Connect, warehouse: psycopg.Connection
) -> None:
    late = connect("exchange", "owner")
    with late.transaction():
        put((table[0], late), "LATE", "x", 4)
        put(table, "A", "1", 5)
        run(source)
    assert landed(warehouse, source) == [("A", "1")]
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("LATE", "x")]
    marks = warehouse.execute(
        "select watermark from landing.delivery where source = %s order by delivery_id", (source.source,)
    ).fetchall()
    assert marks[0] == marks[1]
    assert run(source) == []


def test_a_changed_row_and_one_that_changes_back_are_new_versions(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    for hour, name in enumerate(["A", "B", "A"], start=1):
        table[1].execute(f"delete from {table[0]}")
        put(table, "K", name, hour)
        run(source)
    assert landed(warehouse, source) == [("K", "A"), ("K", "B"), ("K", "A")]


def test_null_and_empty_text_stay_different(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    put(table, "A", None, 1)
    put(table, "B", "", 1)
    run(source)
    assert landed(warehouse, source) == [("A", None), ("B", "")]


def test_a_document_is_kept_by_its_hash(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    letter = b"%PDF-1.7 \x00\xff decision"
    put(table, "A", "x", 1, letter)
    put(table, "B", "y", 1, letter)
    run(source)
    sha256 = hashlib.sha256(letter).hexdigest()
    assert warehouse.execute(f"select distinct letter from landing.{source.source}").fetchall() == [(sha256,)]
    assert warehouse.execute(
        "select media_type, content from landing.document where sha256 = %s", (sha256,)
    ).fetchall() == [("text/plain", letter)]


def test_killed_after_entry_the_slice_is_not_entered_again(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    put(table, "A", "1", 1)
    assert len(collect(source, DAY)) == 1
    put(table, "B", "2", 2)
    assert collect(source, DAY) == []
    land_due(source, DAY)
    check_due(source, DAY)
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("B", "2")]


def test_rows_of_a_blocked_slice_are_read_again(
    make_source: Callable[..., Source], source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    picky = source.model_copy(update={"volume": source.volume.model_copy(update={"min": 2})})
    put(table, "A", "1", 1)
    assert len(run(picky)) == 1
    assert warehouse.execute("select status from landing.delivery where source = %s", (source.source,)).fetchall() == [
        ("blocked",)
    ]
    put(table, "B", "2", 2)
    assert len(run(picky)) == 1
    accepted = warehouse.execute(f"select code from quality.{source.source}_accepted order by 1").fetchall()
    assert accepted == [("A",), ("B",)]


def test_an_earlier_day_run_late_misses_nothing(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    put(table, "FUTURE", "x", 24 * 100)
    run(source, DAY + dt.timedelta(days=100))
    put(table, "A", "1", 1)
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("FUTURE", "x"), ("A", "1")]
