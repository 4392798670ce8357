"""Files in the inbox: whole regular files are taken once, everything else stays where it is."""

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.landing import check_due, collect, collecting, deliveries, land_due
from market_regulation.sources import file_drop
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
TEXT = "编号,名称,日期\nA1,甲,2026-03-01\n"


@pytest.fixture
def source(make_source: Callable[..., Source], platform_home: Path, request: pytest.FixtureRequest) -> Source:
    """A source of the test's own with an empty inbox."""
    made = make_source(f"file_{request.node.originalname.removeprefix('test_')[:30].rstrip('_')}")
    (settings.inbox() / made.source).mkdir(parents=True, exist_ok=True)
    return made


def put(source: Source, name: str, data: bytes | str = TEXT) -> Path:
    path = settings.inbox() / source.source / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_file_is_stored_unchanged_and_leaves_the_inbox(source: Source, warehouse: psycopg.Connection) -> None:
    path = put(source, "a.csv")
    [delivery_id] = collect(source, DAY)
    assert not path.exists()
    found = warehouse.execute(
        "select uri, submitter, bytes, sha256 from landing.delivery where delivery_id = %s", (delivery_id,)
    ).fetchone()
    assert found is not None
    uri, submitter, size, sha256 = found
    assert (uri, submitter, size) == (f"inbox/{source.source}/a.csv", "tester", len(TEXT.encode()))
    stored = settings.store() / source.source / f"{sha256}.csv"
    assert stored.read_bytes() == TEXT.encode()
    assert stored.stat().st_mode & 0o222 == 0


def test_unfinished_hidden_linked_and_special_files_are_left(source: Source, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root:x")
    folder = settings.inbox() / source.source
    (folder / "link.csv").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    put(source, ".hidden.csv")
    put(source, "growing.csv.part")
    before = sorted(folder.iterdir())
    assert collect(source, DAY) == []
    assert sorted(folder.iterdir()) == before


def test_a_file_that_grows_while_it_is_read_waits(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(source, "a.csv")
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("a") as file:
            file.write("A2,乙,2026-03-01\n")
        return found

    monkeypatch.setattr(file_drop.os, "fstat", fstat)
    assert collect(source, DAY) == []
    monkeypatch.undo()
    assert len(collect(source, DAY)) == 1


@pytest.mark.parametrize("name", ["a b.csv", "'; drop table x; --.csv", "{{ 7*7 }}.csv", "恶\u202e意.csv", "x" * 240])
def test_a_name_is_only_data(name: str, source: Source, warehouse: psycopg.Connection) -> None:
    put(source, name)
    [delivery_id] = collect(source, DAY)
    uri = warehouse.execute("select uri from landing.delivery where delivery_id = %s", (delivery_id,)).fetchone()
    assert uri == (f"inbox/{source.source}/{name}",)
    assert [path.suffix for path in (settings.store() / source.source).iterdir()] == [".csv"]


def test_a_file_that_is_written_slowly_under_its_name_is_taken_when_it_rests(
    make_source: Callable[..., Source],
    platform_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = make_source("file_slow", fetch={"kind": "file_drop", "settle_seconds": 600})
    (settings.inbox() / source.source).mkdir(parents=True)
    path = put(source, "slow.csv", "编号,名称,日期\n")
    assert collect(source, DAY) == []
    assert "'slow.csv' waits" in caplog.text
    with path.open("a") as file:
        file.write("A1,甲,2026-03-01\n")
    os.utime(path, (time.time() + 3600, time.time() + 3600))
    assert collect(source, DAY) == []
    assert "less than 600 s ago or in the future" in caplog.text

    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        os.utime(path, (time.time() - 600, time.time() - 600))

    monkeypatch.setattr(file_drop.time, "sleep", sleep)
    os.utime(path, (time.time() - 590, time.time() - 590))
    assert len(collect(source, DAY)) == 1
    assert [8 < seconds <= 10 for seconds in pauses] == [True]
    assert not path.exists()


def test_a_file_known_to_be_whole_is_not_waited_for(
    make_source: Callable[..., Source], platform_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source("file_whole", fetch={"kind": "file_drop"})
    (settings.inbox() / source.source).mkdir(parents=True)
    file_drop.rest(put(source, "a.csv"))
    monkeypatch.setattr(file_drop.time, "sleep", lambda _: pytest.fail("nothing is to be waited for"))
    assert len(collect(source, DAY)) == 1


@pytest.mark.parametrize("how", ["replaced", "written on"])
def test_what_bears_the_name_after_the_file_was_read_is_left_for_the_next_run(how: str, source: Source) -> None:
    path = put(source, "a.csv")
    arrivals = file_drop.fetch(source)
    first = next(arrivals)
    if how == "replaced":
        put(source, ".new", TEXT.replace("甲", "乙")).rename(path)
    else:
        with path.open("a") as file:
            file.write("A2,乙,2026-03-01\n")
    assert list(arrivals) == []
    assert path.exists()
    [second] = file_drop.fetch(source)
    assert second.sha256 != first.sha256
    assert not path.exists()


def test_a_name_that_is_no_utf8_is_taken(source: Source) -> None:
    with open(os.fsencode(settings.inbox() / source.source) + b"/\xd6\xd0.csv", "w") as file:  # noqa: PTH123
        file.write(TEXT)
    assert len(collect(source, DAY)) == 1


def test_killed_between_entry_and_removal_the_file_is_entered_once(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(source, "a.csv")
    real = Path.unlink

    def unlink(one: Path, missing_ok: bool = False) -> None:
        if one == path:
            raise KeyboardInterrupt
        real(one, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        collect(source, DAY)
    monkeypatch.undo()
    assert path.exists()
    assert collect(source, DAY) == []
    assert not path.exists()


def test_the_same_name_again_is_another_delivery_and_the_same_bytes_a_duplicate(
    source: Source, warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text(TEXT)
    for text in (TEXT, TEXT.replace("甲", "乙"), None):
        if text:
            put(source, "a.csv", text)
        else:
            shutil.copy2(kept, settings.inbox() / source.source / "a.csv")
        collect(source, DAY)
        land_due(source, DAY)
        check_due(source, DAY)
    found = warehouse.execute(
        "select status from landing.delivery where source = %s order by delivery_id", (source.source,)
    ).fetchall()
    assert found == [("loaded",), ("loaded",), ("duplicate",)]


def test_a_file_that_fits_no_profile_is_blocked_with_the_globs(
    make_source: Callable[..., Source], platform_home: Path, warehouse: psycopg.Connection
) -> None:
    profile = {"submitter": "t", "format": {"kind": "csv"}}
    profiles = {"north": {**profile, "files": "n_*.csv"}, "south": {**profile, "files": "s_*.csv"}}
    source = make_source("file_profiles", profiles=profiles)
    (settings.inbox() / source.source).mkdir(parents=True)
    put(source, "s_1.csv", "code,name,seen_on\nA1,x,2026-03-01\n")
    put(source, "west.csv", "code,name,seen_on\nA1,x,2026-03-01\n\nA2,y,2026-03-01\n")
    collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    found = warehouse.execute(
        "select profile, status, received_rows, blocked_rows, message from landing.delivery"
        " where source = %s order by profile",
        (source.source,),
    ).fetchall()
    assert [row[:4] for row in found] == [("", "blocked", 2, 2), ("south", "loaded", 1, 0)]
    assert "n_*.csv" in found[0][4]


def test_an_older_copy_of_the_step_enters_nothing_any_more(
    source: Source, monkeypatch: pytest.MonkeyPatch, warehouse: psycopg.Connection
) -> None:
    put(source, "a.csv")
    real = file_drop.fetch

    def fetch(of: Source) -> Iterator[Any]:
        for arrival in real(of):
            lease.take(warehouse, f"collect.{of.source}")  # a second copy begins now
            yield arrival

    monkeypatch.setattr(collecting.file_drop, "fetch", fetch)
    with pytest.raises(lease.StaleLeaseError):
        collect(source, DAY)
    assert deliveries.due(warehouse, source.source, landed=False) == []


def test_of_a_source_that_is_fetched_otherwise_the_inbox_takes_return_files_only(
    make_source: Callable[..., Source],
    platform_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fetch = {"kind": "http_api", "url": "http://127.0.0.1:9/x", "records": "items"}
    source = make_source("file_of_api", fetch=fetch, profiles={"system": {"submitter": "系统"}})
    (settings.inbox() / source.source).mkdir(parents=True)
    stray, back = put(source, "a.csv"), put(source, "a.system.return-1.xlsx")
    file_drop.rest(back)
    monkeypatch.setattr(collecting.http_api, "fetch", lambda *_: iter(()))
    assert len(collect(source, DAY)) == 1
    assert (stray.exists(), back.exists()) == (True, False)
    assert "'a.csv' is left in the inbox: file_of_api is fetched by http_api" in caplog.text
