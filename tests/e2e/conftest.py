"""Databases of the disclosure tests: made once, emptied by the superuser (nobody else can) before each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from disclosure_records import CHANNEL
from disclosure_world import APPLICATIONS, MARTS, World
from psycopg import sql
from psycopg.conninfo import make_conninfo

from market_regulation import settings
from market_regulation.database.migrate import migrate
from market_regulation.disclosure import feed
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADDRESSES, ADMIN
from market_regulation.sandbox import receiver_intake, receiver_sftp, services

DATABASES = ("warehouse", "exchange", "receiver")
TRANSPORTS = ("exchange_db", "sftp_batch", "http_api")
SCHEMAS = ("marts", "disclosure", "outbound", "inbound", "public_copy")

EMPTY_WAREHOUSE = """
delete from disclosure.outbox; delete from disclosure.sending; delete from disclosure.batch;
delete from disclosure.attachment; delete from disclosure.record;
delete from disclosure.payload; delete from disclosure.receipt; delete from disclosure.review;
delete from disclosure.rule_change;
delete from disclosure.reconciliation; delete from quality.dbt_result;
delete from private.exchange_part; delete from disclosure.redacted_copy;
delete from disclosure.redacted_document; delete from landing.document;
delete from control.lease;
update disclosure.chain_head set seq = 0, row_sha256 = repeat('0', 64);
"""
DROP_MARTS = """
drop table if exists rules.ending_reason, marts.disclosure_due, marts.disclosure_held, marts.disclosure_ended;
"""
EMPTY_MARTS = "truncate marts.disclosure_due, marts.disclosure_held, marts.disclosure_ended"
EMPTY_EXCHANGE = """
delete from outbound.administrative_penalty; delete from outbound.spot_check; delete from outbound.batch;
delete from outbound.attachment; delete from outbound.inventory_request; delete from outbound.dictionary;
delete from inbound.receipt; delete from inbound.inventory; delete from inbound.inventory_answer;
"""
EMPTY_RECEIVER = """
delete from public_copy.item; delete from public_copy.applied; delete from public_copy.batch;
delete from public_copy.attachment;
"""
DROP_ANSWERS = "drop table if exists public_copy.outgoing_receipt, public_copy.http_receipt;"


@pytest.fixture(scope="session")
def admin_uri(platform_home: Path) -> Callable[[str], str]:
    """Give the superuser's connection URI for one of the world's databases, or for ``postgres``."""
    password = read_json(platform_home / "postgres" / "passwords.json")[ADMIN]

    def uri(database: str) -> str:
        name = f"world_{database}" if database in DATABASES else database
        return make_conninfo(settings.dsn("airflow", "owner"), user=ADMIN, password=password, dbname=name)

    return uri


@pytest.fixture(scope="session")
def world_databases(admin_uri: Callable[[str], str]) -> None:
    """Make the databases of the worlds."""
    with psycopg.connect(admin_uri("postgres"), autocommit=True) as admin:
        for name in DATABASES:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(f"world_{name}")))
    migrate(admin_uri)


@pytest.fixture
def empty_world(world: World) -> Callable[[], None]:
    """Empty the world in the middle of a test; its tables stay."""

    def empty() -> None:
        world.admin_warehouse.execute(EMPTY_WAREHOUSE + EMPTY_MARTS)
        world.admin_exchange.execute(EMPTY_EXCHANGE)
        world.public_copy.execute(EMPTY_RECEIVER + DROP_ANSWERS + "delete from public_copy.application")
        _empty_folders()

    return empty


@pytest.fixture
def world(admin_uri: Callable[[str], str], world_databases: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty world: every address of the platform leads to its databases."""
    emptying = {
        "warehouse": EMPTY_WAREHOUSE + DROP_MARTS + MARTS,
        "exchange": EMPTY_EXCHANGE,
        "receiver": EMPTY_RECEIVER + DROP_ANSWERS + APPLICATIONS,
    }
    for name, statements in emptying.items():
        with psycopg.connect(admin_uri(name)) as admin:
            admin.execute(statements)
    for database, role in ADDRESSES:
        if database in DATABASES:
            address = make_conninfo(settings.dsn(database, role), dbname=f"world_{database}")
            monkeypatch.setenv(f"{database}_{role}_URI".upper(), address)
    monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "10")
    monkeypatch.setattr(feed, "POLL", 0.02)
    world = World(admin_uri)
    world.misbehave()
    world.use("exchange_db")
    yield world
    world.close()


@pytest.fixture(scope="session")
def receivers(platform_home: Path) -> Iterator[None]:
    """The sandbox's servers, and their addresses where the platform looks for them."""
    with services.receivers():
        yield


@pytest.fixture(params=TRANSPORTS)
def each_world(world: World, receivers: None, request: pytest.FixtureRequest) -> World:
    """An empty world whose channel goes by each transport in turn."""
    _empty_folders()
    world.use(request.param)
    return world


def _empty_folders() -> None:
    for folder in (receiver_sftp.root() / CHANNEL, receiver_intake.spool()):
        shutil.rmtree(folder, ignore_errors=True)
