"""Databases of the chain: made for one module of tests, gone after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from chain import Chain, dbt_environment
from psycopg import sql
from psycopg.conninfo import make_conninfo

from market_regulation import settings
from market_regulation.database.migrate import migrate
from market_regulation.disclosure import feed
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADDRESSES, ADMIN

DATABASES = ("warehouse", "exchange", "receiver")


@pytest.fixture(scope="module")
def chain(platform_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """An empty platform: every address of it leads to databases of its own."""
    password = read_json(platform_home / "postgres" / "passwords.json")[ADMIN]

    def admin_uri(database: str) -> str:
        name = f"chain_{database}" if database in DATABASES else database
        return make_conninfo(settings.dsn("airflow", "owner"), user=ADMIN, password=password, dbname=name)

    with _databases(admin_uri), pytest.MonkeyPatch.context() as patch:
        for database, role in ADDRESSES:
            if database in DATABASES:
                address = make_conninfo(settings.dsn(database, role), dbname=f"chain_{database}")
                patch.setenv(f"{database}_{role}_URI".upper(), address)
        for name, value in dbt_environment(settings.dsn("warehouse", "transformer")).items():
            patch.setenv(name, value)
        patch.setenv("RECEIPT_WAIT_SECONDS", "10")
        patch.setattr(feed, "POLL", 0.02)
        with psycopg.connect(admin_uri("warehouse")) as admin:
            admin.execute("update disclosure.channel set transport = 'exchange_db', enabled = true")
        chain = Chain(admin_uri, tmp_path_factory.mktemp("dbt"))
        yield chain
        chain.close()


@contextmanager
def _databases(admin_uri: Callable[[str], str]) -> Iterator[None]:
    """Three databases of the server, made and dropped again; nothing in them has to survive a crash of the server."""
    with psycopg.connect(admin_uri("postgres"), autocommit=True) as admin:
        for name in (sql.Identifier(f"chain_{database}") for database in DATABASES):
            admin.execute(sql.SQL("create database {}").format(name))
            admin.execute(sql.SQL("alter database {} set synchronous_commit = off").format(name))
        migrate(admin_uri)
        yield
        for name in (sql.Identifier(f"chain_{database}") for database in DATABASES):
            admin.execute(sql.SQL("drop database {} with (force)").format(name))
