"""Airflow's own tables and pools, brought to the state this version needs.

Run as a program in Airflow's environment, because importing Airflow reads that environment and takes seconds. What
was done is noted as a comment on the database itself, so that the next start can skip it.
"""

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version

import psycopg
from psycopg import sql

from market_regulation import settings

POOLS = {
    "warehouse": (1, "dbt builds: one at a time"),
    "disclosure": (1, "selection, delivery, receipts, reconciliation: one at a time"),
    "landing": (2, "deliveries landed and checked at the same time"),
}
STATE = f"apache-airflow {version('apache-airflow')}, pools {POOLS}"


class AirflowDatabaseError(RuntimeError):
    """Airflow's tables could not be created or migrated; the message carries the end of its output."""


def prepare(environment: Mapping[str, str]) -> None:
    """Create or migrate the tables and set the pools, unless the database says it has them.

    Raises:
        AirflowDatabaseError: The migration failed.
    """
    with psycopg.connect(settings.dsn("airflow", "owner"), autocommit=True) as connection:
        comment = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
        if connection.execute(comment).fetchone() == (STATE,):
            return
        command = [sys.executable, "-m", "market_regulation.embedded.airflow_database"]
        result = subprocess.run(
            command, cwd=settings.home(), env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise AirflowDatabaseError(f"Airflow's database could not be prepared:\n{result.stderr[-3000:]}")
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("comment on database {} is {}").format(database, STATE))


def main() -> None:
    """Create or migrate the tables and set the pools, in this process."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    for name, (slots, description) in POOLS.items():
        Pool.create_or_update_pool(name, slots, description, include_deferred=False)


if __name__ == "__main__":
    main()
