"""A home that an older version made: whoever starts it is told what to do, and nothing is half migrated."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from market_regulation.database.migrate import migrate

pytestmark = pytest.mark.e2e

DATABASES = ("warehouse", "exchange", "receiver")
OLD_TABLES = """
create schema outbound;
create schema inbound;
create table outbound.batch (
    batch_no text primary key, channel text not null, rows integer not null, content_sha256 text not null,
    previous_batch text, schema_version text not null, chain_head text not null, business_day date not null,
    created_at timestamptz not null default now()
);
create table outbound.administrative_penalty (
    record_id text not null, version integer not null, sending_key text not null default 'first',
    batch_no text not null references outbound.batch, primary key (record_id, version, sending_key)
);
"""


@pytest.fixture
def home(admin_uri: Callable[[str], str]) -> Iterator[Callable[[str], str]]:
    """Three databases, the exchange with tables of the older version; gives their connection URIs."""

    def uri(database: str) -> str:
        return admin_uri(database).replace("world_", "old_")

    with psycopg.connect(admin_uri("postgres"), autocommit=True) as admin:
        for name in DATABASES:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(f"old_{name}")))
        with psycopg.connect(uri("exchange")) as exchange:
            exchange.execute(OLD_TABLES)
        yield uri
        for name in DATABASES:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(f"old_{name}")))


def test_an_exchange_database_of_an_older_version_is_named_with_the_way_out(home: Callable[[str], str]) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="made by an older version") as refusal:
        migrate(home)
    assert "drop schema outbound, inbound cascade" in str(refusal.value)  # what `make up` prints

    with psycopg.connect(home("exchange"), autocommit=True) as exchange:
        assert exchange.execute("select to_regclass('outbound.dictionary')").fetchone() == (None,)
        exchange.execute("drop schema outbound, inbound cascade")
    migrate(home)
    migrate(home)
