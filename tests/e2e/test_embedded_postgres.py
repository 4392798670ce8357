"""The embedded PostgreSQL under a long path with blanks: who may connect, what survives, what is never written down."""

import json
import os
import re
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from market_regulation import settings
from market_regulation.embedded import postgres, watchdog
from market_regulation.embedded.postmaster import postmaster
from market_regulation.embedded.roles import ADDRESSES, DATABASES, ROLES

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A running server whose socket path would be too long, and which finds the remains of an interrupted start."""
    with tempfile.TemporaryDirectory(prefix="a 'home' with blanks") as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(folder) / ("long" * 20)
        patch.setenv("MARKET_REGULATION_HOME", str(home))
        for name in [name for name in os.environ if name.endswith("_URI")]:
            patch.delenv(name)
        (home / "postgres" / "data.unfinished" / "base").mkdir(parents=True)
        try:
            postgres.start()
            yield home
        finally:
            postgres.stop()


def addresses(home: Path) -> dict[str, str]:
    known: dict[str, str] = json.loads((home / "postgres" / "addresses.json").read_text())
    return known


def data(home: Path) -> Path:
    return home / "postgres" / "data"


def may_connect(uri: str) -> bool:
    try:
        psycopg.connect(uri, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "permission denied for database" in str(error):
            return False
        raise
    return True


def may(uri: str, statement: str) -> bool:
    with psycopg.connect(uri) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        connection.rollback()
    return True


def test_addresses_lead_to_every_database_and_only_the_owner_reads_them(home: Path) -> None:
    assert set(addresses(home)) == {f"{database}.{role}" for database, role in ADDRESSES}
    for uri in addresses(home).values():
        assert may_connect(uri)
        assert urlsplit(uri).hostname == "127.0.0.1"
    for name in ("addresses.json", "passwords.json"):
        assert stat.S_IMODE((home / "postgres" / name).stat().st_mode) == 0o600


def test_roles_enter_only_their_databases(home: Path) -> None:
    entered = set()
    for role in ROLES:
        own = next(key for key, login in ADDRESSES.items() if login == role)
        uri = addresses(home)[".".join(own)]
        for database in (*DATABASES, "postgres", "template1"):
            if may_connect(urlsplit(uri)._replace(path=f"/{database}").geturl()):
                entered.add((database, role))
    assert entered == {
        ("warehouse", "owner"), ("warehouse", "loader"), ("warehouse", "transformer"), ("warehouse", "publisher"),
        ("warehouse", "bi_reader"), ("warehouse", "bi_region_reader"), ("warehouse", "steward"),
        ("warehouse", "auditor"), ("exchange", "owner"), ("exchange", "loader"), ("exchange", "publisher"),
        ("exchange", "submitter"), ("exchange", "receiver"), ("receiver", "receiver"), ("airflow", "airflow"),
    }  # fmt: skip


def test_no_role_is_powerful_and_readers_cannot_even_make_temporary_tables(home: Path) -> None:
    with psycopg.connect(addresses(home)["warehouse.owner"]) as connection:
        powerful = connection.execute(
            "select rolname from pg_roles where rolname <> 'postgres' and rolname !~ '^pg_'"
            " and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)"
        ).fetchall()
    assert powerful == []
    assert may(addresses(home)["warehouse.transformer"], "create temp table t ()")
    for reader in ("bi_reader", "bi_region_reader", "steward", "auditor"):
        assert not may(addresses(home)[f"warehouse.{reader}"], "create temp table t ()")
    assert not may(addresses(home)["exchange.submitter"], "create temp table t ()")


@pytest.mark.parametrize("way", ["tcp", "socket"])
def test_nobody_enters_without_the_password(home: Path, way: str) -> None:
    uri = urlsplit(addresses(home)["warehouse.owner"])
    socket_folder = (data(home) / "postmaster.pid").read_text().splitlines()[4]
    host = "127.0.0.1" if way == "tcp" else socket_folder
    for user in ("owner", "postgres"):
        with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
            psycopg.connect(host=host, port=uri.port, user=user, dbname="warehouse", password="", passfile="/dev/null")


def test_text_is_utf8_and_sorted_by_code_point_on_every_machine(home: Path) -> None:
    with psycopg.connect(addresses(home)["warehouse.owner"]) as connection:
        row = connection.execute(
            "select pg_encoding_to_char(encoding), datlocprovider, datlocale, current_setting('timezone'),"
            " current_setting('fsync'), current_setting('synchronous_commit')"
            " from pg_database where datname = current_database()"
        ).fetchone()
    assert row == ("UTF8", "b", "C.UTF-8", "Asia/Shanghai", "on", "on")


def test_starting_a_running_server_changes_neither_process_nor_passwords(home: Path) -> None:
    before, process = addresses(home), postmaster(data(home))
    postgres.start()
    assert addresses(home) == before
    assert postmaster(data(home)) == process


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    uri = addresses(home)["warehouse.owner"]
    with psycopg.connect(uri) as connection:
        connection.execute("create schema kept")
    process = postmaster(data(home))
    assert process is not None
    process.kill()
    process.wait(5)
    assert not postgres.is_running()
    postgres.start()
    assert addresses(home)["warehouse.owner"] == uri
    with psycopg.connect(uri) as connection:
        connection.execute("drop schema kept")


def test_a_stale_process_id_of_somebody_else_does_not_prevent_a_start(home: Path) -> None:
    postgres.stop()
    owner = data(home).stat().st_uid  # PostgreSQL disregards processes of other users by itself
    with subprocess.Popen(["/bin/sleep", "60"], user=owner if os.geteuid() == 0 else None) as other:
        (data(home) / "postmaster.pid").write_text(f"{other.pid}\n{data(home)}\n1\n1\n\n\n\nready\n")
        assert not postgres.is_running()
        postgres.start()
        assert other.poll() is None
        other.kill()
    assert may_connect(addresses(home)["warehouse.owner"])


def test_a_taken_port_is_left_to_its_owner(home: Path) -> None:
    port = urlsplit(addresses(home)["warehouse.owner"]).port
    postgres.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        postgres.start()
        assert urlsplit(addresses(home)["warehouse.owner"]).port != port
        assert may_connect(addresses(home)["warehouse.owner"])


def test_the_log_has_neither_passwords_nor_their_verifiers(home: Path) -> None:
    passwords = json.loads((home / "postgres" / "passwords.json").read_text()).values()
    text = "".join(path.read_text(errors="replace") for path in (home / "postgres" / "log").iterdir())
    assert "connection authorized" in text
    assert [password for password in passwords if password in text] == []
    assert re.findall("SCRAM-SHA-256.*", text) == []


@pytest.mark.parametrize(
    ("heartbeat_age", "queued_for", "task_beat_age", "reason"),
    [
        (5, 0, 600, ""),
        (61, 0, 600, "no heartbeat for a minute"),
        (5, 181, 600, "queued tasks are not started"),
        (5, 181, 5, ""),
    ],
)
def test_the_watchdog_sees_a_silent_and_a_stuck_scheduler(
    home: Path, heartbeat_age: int, queued_for: int, task_beat_age: int, reason: str
) -> None:
    uri = addresses(home)["airflow.owner"]
    with psycopg.connect(uri) as connection:
        connection.execute("drop table if exists job, task_instance")
        connection.execute("create table job (job_type text, state text, latest_heartbeat timestamptz)")
        connection.execute(
            "create table task_instance (state text, queued_dttm timestamptz, last_heartbeat_at timestamptz)"
        )
        connection.execute(
            "insert into job values ('SchedulerJob', 'running', now() - make_interval(secs => %s))", [heartbeat_age]
        )
        connection.execute(
            "insert into task_instance values ('queued', now() - make_interval(secs => %s), null),"
            " ('running', now() - interval '1 hour', now() - make_interval(secs => %s))",
            [queued_for, task_beat_age],
        )
    assert watchdog.stall(uri) == reason


def test_the_watchdog_is_silent_when_the_database_cannot_be_asked() -> None:
    assert watchdog.stall("postgresql://nobody:x@127.0.0.1:1/airflow") == ""


def test_stopping_ends_every_process_and_may_be_repeated(home: Path) -> None:
    process = postmaster(data(home))
    assert process is not None
    family = [process, *process.children()]
    socket_folder = Path((data(home) / "postmaster.pid").read_text().splitlines()[4])
    postgres.stop()
    postgres.stop()
    assert not postgres.is_running()
    assert not socket_folder.exists()
    psutil.wait_procs(family, timeout=5)
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_with_external_addresses_nothing_is_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_URI", "postgresql://a:b@127.0.0.1:1/warehouse")
    postgres.start()
    postgres.stop()
    assert list(tmp_path.iterdir()) == []
    assert settings.dsn("warehouse", "loader") == "postgresql://a:b@127.0.0.1:1/warehouse"


def test_a_lost_password_file_is_explained(home: Path) -> None:
    passwords = home / "postgres" / "passwords.json"
    kept = passwords.read_text()
    passwords.unlink()
    with pytest.raises(postgres.PostgresError, match=r"passwords\.json is lost"):
        postgres.start()
    passwords.write_text(kept)
