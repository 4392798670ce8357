"""Shared by all tests: one platform home with one embedded PostgreSQL for the whole run, and small sources to land."""

import csv
import datetime as dt
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from market_regulation import settings
from market_regulation.landing import deliveries
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.catalog import read_contract
from market_regulation.sources.contract import Source
from market_regulation.sources.ndjson import line
from market_regulation.sources.profile import CsvFormat
from market_regulation.sources.store import StoreWriter

pytest.register_assert_rewrite("disclosure_world", "delivery_machine")  # what fails there says what differs

Connect = Callable[..., psycopg.Connection]
Record = Mapping[str, Any]


@pytest.fixture(scope="session")
def platform_home() -> Iterator[Path]:
    """A home of its own for the run, with the embedded PostgreSQL up; everything is gone afterwards."""
    from market_regulation.embedded import postgres

    home = Path(tempfile.mkdtemp(prefix="market-regulation-test-"))
    home.chmod(0o755)  # the server's user must reach its folder when the tests run as root
    before = os.environ.get("MARKET_REGULATION_HOME")
    os.environ["MARKET_REGULATION_HOME"] = str(home)
    try:
        postgres.start()
        yield home
    finally:
        postgres.stop()
        if before is None:
            del os.environ["MARKET_REGULATION_HOME"]
        else:
            os.environ["MARKET_REGULATION_HOME"] = before
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def connect(platform_home: Path) -> Iterator[Connect]:
    """Open connections (autocommit) that the test does not have to close: ``connect("exchange", "submitter")``."""
    opened: list[psycopg.Connection] = []

    def open_one(database: settings.Database = "warehouse", role: settings.Role = "owner") -> psycopg.Connection:
        opened.append(psycopg.connect(settings.dsn(database, role), autocommit=True))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def warehouse(connect: Connect) -> psycopg.Connection:
    """The warehouse as the loader sees it, in autocommit mode."""
    return connect("warehouse", "loader")


@pytest.fixture
def make_source(tmp_path: Path) -> Callable[..., Source]:
    """Write a contract (and its suite) of a source with columns ``code`` (the key), ``name`` and ``seen_on``.

    Keyword arguments replace top-level keys of the contract; ``rules`` are further expectations of the suite.
    """

    def make(name: str, rules: Sequence[Record] = (), **changes: Any) -> Source:
        (tmp_path / "expectations").mkdir(exist_ok=True)
        suite = {"source": name, "expectations": [_rule(1, "not_be_null", column="code"), *rules]}
        (tmp_path / "expectations" / f"{name}.yml").write_text(yaml.safe_dump(suite, allow_unicode=True))
        file = tmp_path / f"{name}.yml"
        file.write_text(yaml.safe_dump({**_CONTRACT, "source": name, **changes}, allow_unicode=True))
        return read_contract(file)

    return make


@pytest.fixture
def rule() -> Callable[..., Record]:
    """Make one entry of a suite: ``rule(2, "be_in_set", column="name", value_set=["A"], action="block")``."""
    return _rule


@pytest.fixture
def deliver(platform_home: Path, warehouse: psycopg.Connection) -> Callable[..., int]:
    """Enter a delivery of given records (keys are contract columns) as its first or named profile would write them."""

    def enter(source: Source, records: Sequence[Record], day: dt.date, profile: str = "", **known: Any) -> int:
        profile = profile or next(iter(source.profiles))
        data = _written(source, records, profile)
        with StoreWriter(source.source, source.profiles[profile].format.kind) as store:
            store.write(data)
            sha256 = store.keep()
        identity = f"test {warehouse.execute('select count(*) from landing.delivery').fetchone()}"
        arrival = Arrival(identity, "test", profile, "tester", sha256, len(data), **known)
        delivery_id = deliveries.register(warehouse, source.source, arrival, day)
        assert delivery_id is not None
        return delivery_id

    return enter


def _written(source: Source, records: Sequence[Record], profile_name: str) -> bytes:
    profile = source.profiles[profile_name]
    if not isinstance(profile.format, CsvFormat):
        return b"".join(map(line, records))
    headings = {column: heading for heading, column in profile.headers.items()}
    columns = [name for name in source.columns if name not in profile.constants]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=profile.format.delimiter)
    writer.writerow([headings.get(column, column) for column in columns])
    writer.writerows([record.get(column) for column in columns] for record in records)
    return text.getvalue().encode(profile.format.encoding)


def _rule(number: int, expectation: str, action: str = "quarantine", **arguments: Any) -> Record:
    meta = {"rule_id": f"TST-{number:02}", "action": action, "severity": "error", "reason": f"规则{number}"}
    name = expectation if expectation == "rule_column" else f"expect_column_values_to_{expectation}"
    return {"expectation": name, **arguments, "meta": meta}


_CONTRACT: dict[str, Any] = {
    "title": "测试",
    "description": "A source of the tests.",
    "publisher": {"name": "测试", "official": False},
    "owner": "tester",
    "tier": 3,
    "legal_basis": "none",
    "schedule": "0 6 * * *",
    "deadline": "18:00",
    "fetch": {"kind": "file_drop", "settle_seconds": 0},
    "key": ["code"],
    "columns": {
        "code": {"type": "code", "title": "编号"},
        "name": {"type": "text", "title": "名称"},
        "seen_on": {"type": "date", "title": "日期"},
    },
    "profiles": {
        "plain": {
            "submitter": "tester",
            "format": {"kind": "csv"},
            "headers": {"编号": "code", "名称": "name", "日期": "seen_on"},
            "null_words": ["/"],
        }
    },
    "volume": {"min": 1, "max": 1000},
    "freshness": {"column": "seen_on", "warn_days": 3, "error_days": 10},
}
