"""Exchange tables: late commits are seen, nothing is delivered twice, null and empty text stay different."""

import datetime as dt
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook
from psycopg.conninfo import make_conninfo

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources import exchange_table
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import FetchError
from market_regulation.sources.file_drop import rest

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
    name = f"t_{zlib.crc32(request.node.name.encode())}"
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


def test_a_return_file_comes_back_through_the_inbox_and_disturbs_no_reading(
    make_source: Callable[..., Source], rule: Callable[..., Any], source: Source, table: Any,
    warehouse: psycopg.Connection,
) -> None:  # fmt: skip
    contract = source.model_dump(include={"columns", "fetch", "profiles", "freshness"}, exclude_defaults=True)
    source = make_source(source.source, [rule(2, "be_in_set", column="name", value_set=["1", "2"])], **contract)
    put(table, "A", "x", 1)
    [first] = run(source)
    [path] = send_back(source)
    book = load_workbook(path)
    cells = list(book.worksheets[0].iter_rows())[-1]
    next(cell for cell in cells if cell.value == "x").value = "1"
    next(cell for cell in cells if str(cell.value).startswith("2026-03-16 01")).value = "昨天"  # no watermark any more
    returned = settings.inbox() / source.source / path.name
    book.save(returned)
    rest(returned)
    put(table, "B", "2", 2)
    assert len(run(source)) == 2
    assert not returned.exists()
    accepted = warehouse.execute(f"select code, name from quality.{source.source}_accepted order by 1").fetchall()
    assert accepted == [("A", "1"), ("B", "2")]
    resolved = warehouse.execute(
        "select resolved_by_delivery_id > delivery_id from quality.quarantine where delivery_id = %s", (first,)
    ).fetchall()
    assert resolved == [(True,)]
    assert run(source) == []


def test_an_earlier_day_run_late_misses_nothing(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    put(table, "FUTURE", "x", 24 * 100)
    run(source, DAY + dt.timedelta(days=100))
    put(table, "A", "1", 1)
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("FUTURE", "x"), ("A", "1")]


def test_rows_of_one_watermark_are_all_seen_even_without_overlap(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    eager = source.model_copy(update={"fetch": source.fetch.model_copy(update={"overlap": "0 days"})})
    put(table, "A", "1", 5)
    run(eager)
    put(table, "B", "2", 5)
    assert len(run(eager)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("B", "2")]


def test_a_row_changed_in_place_within_the_overlap_is_a_new_version(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    put(table, "A", "1", 5)
    run(source)
    table[1].execute(f"update {table[0]} set name = '2'")
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("A", "2")]


def test_a_row_committed_later_than_the_overlap_is_read_and_reported(
    source: Source, table: Any, warehouse: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put(table, "OLD", "x", -100)
    put(table, "A", "1", 5)
    run(source)
    put(table, "LATE", "y", -100)
    put(table, "LATE_TOO", "z", -200)
    assert len(run(source)) == 1
    assert sorted(landed(warehouse, source)) == [("A", "1"), ("LATE", "y"), ("LATE_TOO", "z"), ("OLD", "x")]
    assert "overlap of 1 day (day: number) {'2026-03-07': 1, '2026-03-11': 1}" in caplog.text
    caplog.clear()
    assert run(source) == []
    assert "later than the overlap" not in caplog.text


@pytest.mark.parametrize("hours_before", [100, 24 * 40, 24 * 400])
def test_a_known_row_that_was_changed_later_than_the_overlap_is_read(
    hours_before: int, source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    put(table, "K", "old", -hours_before)
    put(table, "A", "1", 5)
    run(source)
    table[1].execute(f"update {table[0]} set name = 'new', changed_at = changed_at + interval '1 ms' where code = 'K'")
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("K", "old"), ("A", "1"), ("K", "new")]
    assert run(source) == []


@pytest.mark.parametrize("hours_before", [100, 24 * 40, 24 * 400])
def test_a_late_row_is_read_though_another_of_its_watermark_was_deleted(
    hours_before: int, source: Source, table: Any, warehouse: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put(table, "GONE", "x", -hours_before)
    put(table, "A", "1", 5)
    run(source)
    table[1].execute(f"delete from {table[0]} where code = 'GONE'")
    put(table, "LATE", "y", -hours_before)
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("GONE", "x"), ("A", "1"), ("LATE", "y")]
    caplog.clear()
    assert run(source) == []
    assert "later than the overlap" not in caplog.text


def test_a_row_that_moved_back_is_read_once(
    source: Source, table: Any, warehouse: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put(table, "K", "x", -100)
    put(table, "A", "1", 5)
    run(source)
    table[1].execute(f"update {table[0]} set changed_at = changed_at - interval '90 days' where code = 'K'")
    assert len(run(source)) == 1
    caplog.clear()
    assert run(source) == []
    assert "later than the overlap" not in caplog.text


def test_rows_that_were_erased_after_their_term_do_not_come_again(
    source: Source, table: Any, admin_uri: Callable[[str], str], warehouse: psycopg.Connection
) -> None:
    put(table, "OLD", "x", -24 * 90)
    put(table, "A", "1", -24 * 80)
    run(source, DAY - dt.timedelta(days=80))
    put(table, "B", "1", 5)
    run(source)
    put(table, "LATE", "y", -24 * 60)
    with psycopg.connect(make_conninfo(admin_uri("postgres"), dbname="warehouse"), autocommit=True) as admin:
        admin.execute(f"delete from landing.{source.source} where code in ('OLD', 'A')")
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("B", "1"), ("LATE", "y")]


def test_a_row_that_moved_to_a_new_watermark_or_was_deleted_is_not_reported_as_late(
    source: Source, table: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for code in "ABC":
        put(table, code, "1", -100)
    put(table, "D", "1", 5)
    run(source)
    table[1].execute(f"delete from {table[0]} where code = 'A'")
    table[1].execute(f"update {table[0]} set changed_at = timestamptz '2026-03-16 06:00+08' where code = 'B'")
    assert len(run(source)) == 1
    assert "later than the overlap" not in caplog.text


def test_a_watermark_in_the_future_does_not_hide_what_comes_before_it(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    put(table, "TYPO", "x", 24 * 365 * 70)
    put(table, "A", "1", 5)
    run(source)
    put(table, "B", "2", 6)
    assert len(run(source)) == 1
    assert landed(warehouse, source) == [("A", "1"), ("TYPO", "x"), ("B", "2")]
    assert run(source) == []


def test_a_row_without_watermark_is_seen_once_and_keeps_nothing_back(
    source: Source, table: Any, warehouse: psycopg.Connection
) -> None:
    table[1].execute(f"alter table {table[0]} alter changed_at drop not null")
    put(table, "A", "1", 5)
    run(source)
    table[1].execute(f"insert into {table[0]} (code, name) values ('NONE', 'x')")
    put(table, "B", "2", 7)
    assert len(run(source)) == 1
    assert sorted(landed(warehouse, source)) == [("A", "1"), ("B", "2"), ("NONE", "x")]
    newest = warehouse.execute(
        "select watermark from landing.delivery where source = %s order by delivery_id desc limit 1", (source.source,)
    ).fetchone()
    assert newest == ("2026-03-16 07:00:00+08",)
    assert run(source) == []


def test_another_time_zone_and_date_style_of_the_server_change_nothing(
    source: Source, table: Any, connect: Connect, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    abroad = make_conninfo(settings.dsn("exchange", "loader"), options="-c timezone=America/Lima -c datestyle=German")
    monkeypatch.setenv("EXCHANGE_LOADER_URI", abroad)
    put(table, "A", "1", 1)
    run(source)
    assert warehouse.execute(f"select changed_at from landing.{source.source}").fetchall() == [
        ("2026-03-16 01:00:00+08",)
    ]
    assert run(source) == []


def test_a_watermark_without_time_zone_is_local_time(source: Source, table: Any, warehouse: psycopg.Connection) -> None:
    table[1].execute("set timezone = 'Asia/Shanghai'")
    table[1].execute(f"alter table {table[0]} alter changed_at type timestamp")
    put(table, "A", "1", 1)
    run(source)
    put(table, "B", "2", -22)  # within the overlap
    assert len(run(source)) == 1
    assert run(source) == []
    assert landed(warehouse, source) == [("A", "1"), ("B", "2")]


def test_a_connection_lost_in_the_middle_enters_nothing_and_is_made_good(
    source: Source, table: Any, admin_uri: Callable[[str], str], warehouse: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    table[1].execute(
        f"insert into {table[0]} select 'N' || n, 'x', null, null, timestamptz '2026-03-16 01:00+08'"
        " from generate_series(1, 3000) as n"
    )
    real, lines = exchange_table.line, []

    def cut(record: object) -> bytes:
        lines.append(record)
        if len(lines) == 1500:
            with psycopg.connect(admin_uri("postgres"), autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = 'exchange' and usename = 'loader'"
                )
        return real(record)

    monkeypatch.setattr(exchange_table, "line", cut)
    with pytest.raises(FetchError, match=rf"{source.source}: .*{table[0]}: the connection broke.*run again"):
        collect(source, DAY)
    assert list((settings.store() / source.source).iterdir()) == []
    monkeypatch.undo()
    assert len(run(source)) == 1
    assert len(landed(warehouse, source)) == 3000


def test_a_table_that_cannot_be_read_or_reached_is_said_without_the_password(
    source: Source, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table[1].execute(f"alter table {table[0]} rename column name to other")
    with pytest.raises(FetchError, match=r'column "name" does not exist.*columns of the contract'):
        collect(source, DAY)
    address = make_conninfo(settings.dsn("exchange", "loader"), password="canary")
    monkeypatch.setenv("EXCHANGE_LOADER_URI", address)
    with pytest.raises(FetchError, match=rf"{source.source}: .*/exchange/{table[0]}: it cannot be reached") as refused:
        collect(source, DAY)
    assert "canary" not in str(refused.value)
