"""The init service of docker-compose.yml against a real PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from market_regulation import settings
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADMIN

pytestmark = pytest.mark.e2e


def test_it_prepares_a_server_and_may_be_repeated(platform_home: Path, tmp_path: Path) -> None:
    """Roles, schemas, Airflow's tables and pools are there; a service's own password keeps working."""
    loader = settings.dsn("warehouse", "loader")
    server = urlsplit(loader)
    password = read_json(platform_home / "postgres" / "passwords.json")[ADMIN]
    metadata = settings.dsn("airflow", "owner")
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql:", "postgresql+psycopg2:", 1),
        "POSTGRES_ADMIN_URI": f"postgresql://{ADMIN}:{password}@{server.hostname}:{server.port}/{ADMIN}",
        "PYTHONPATH": str(settings.project_root() / "plugins"),
        "WAREHOUSE_LOADER_URI": loader,
    }
    for _ in range(2):
        command = [sys.executable, "-m", "market_regulation.commands", "init"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert password not in done.stdout + done.stderr

    with psycopg.connect(loader) as connection:
        assert connection.execute("select count(*) from control.business_day").fetchone() == (1,)
    with psycopg.connect(metadata) as connection:
        pools = connection.execute("select pool, slots from slot_pool where pool <> 'default_pool' order by pool")
        assert pools.fetchall() == [("disclosure", 1), ("landing", 2), ("warehouse", 1)]
