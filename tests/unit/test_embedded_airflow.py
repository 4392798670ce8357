"""The environment of Airflow's processes: who may log in, what is sent home, what a caller may change."""

import json
import socket
import stat
from pathlib import Path

import pytest

from market_regulation import settings
from market_regulation.embedded import airflow
from market_regulation.embedded.private_file import write_private_json
from market_regulation.embedded.roles import ADDRESSES


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    for name in ("AIRFLOW_HOME", "AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__DAGS_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    addresses = {
        f"{db}.{role}": f"postgresql://{login}:p%40ss@127.0.0.1:6001/{db}" for (db, role), login in ADDRESSES.items()
    }
    write_private_json(settings.secrets_file(), addresses)
    airflow.prepare()
    return tmp_path


def test_three_named_users_with_passwords_nobody_else_can_read(home: Path) -> None:
    environment = airflow.environment()
    file = Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    passwords = json.loads(file.read_text())
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "admin:admin,maker:op,checker:user"
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert set(passwords) == {"admin", "maker", "checker"}
    assert len(set(passwords.values())) == 3
    assert min(map(len, passwords.values())) >= 20
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "airflow" / "keys.json").stat().st_mode) == 0o600


def test_preparing_again_changes_nothing(home: Path) -> None:
    before = airflow.environment()
    airflow.prepare()
    assert airflow.environment() == before


def test_a_taken_port_is_replaced(home: Path) -> None:
    port = int((home / "airflow" / "port").read_text())
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        airflow.prepare()
    environment = airflow.environment()
    assert environment["AIRFLOW__API__PORT"] != str(port)
    assert environment["AIRFLOW__API__BASE_URL"].endswith(f":{environment['AIRFLOW__API__PORT']}")


def test_nothing_is_sent_home(home: Path) -> None:
    environment = airflow.environment()
    assert environment["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert environment["GX_ANALYTICS_ENABLED"] == "false"
    assert environment["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] == "False"
    assert environment["DO_NOT_TRACK"] == "1"


def test_a_caller_may_change_settings_but_not_the_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "2")
    monkeypatch.setenv("AIRFLOW_HOME", "/somewhere/else")
    monkeypatch.setenv("NO_PROXY", "intranet")
    environment = airflow.environment()
    assert environment["AIRFLOW__CORE__PARALLELISM"] == "2"
    assert environment["AIRFLOW_HOME"] == str(home / "airflow")
    assert environment["NO_PROXY"] == "127.0.0.1,localhost,intranet"


def test_every_database_is_known_to_the_tasks_and_dbt_gets_the_transformer(home: Path) -> None:
    environment = airflow.environment()
    assert environment["WAREHOUSE_BI_READER_URI"] == "postgresql://bi_reader:p%40ss@127.0.0.1:6001/warehouse"
    assert environment["RECEIVER_OWNER_URI"] == "postgresql://receiver:p%40ss@127.0.0.1:6001/receiver"
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://airflow:")
    dbt = {name: environment[f"DBT_{name}"] for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
    assert dbt == {
        "HOST": "127.0.0.1",
        "PORT": "6001",
        "USER": "transformer",
        "PASSWORD": "p@ss",
        "DBNAME": "warehouse",
    }


def test_secrets_are_in_no_command_line(home: Path) -> None:
    arguments = " ".join(argument for command in airflow.components().values() for argument in command)
    secrets = [*json.loads((home / "airflow" / "keys.json").read_text()).values(), "p%40ss"]
    assert [secret for secret in secrets if secret in arguments] == []
