"""The embedded PostgreSQL 18: made, started and stopped under ``<home>/postgres``.

``data/`` is the cluster, ``log/`` seven daily logs, ``passwords.json`` the roles' passwords and ``addresses.json``
the connection URIs (both 0600). Everything can be repeated after any interruption: the cluster is made beside its
place and renamed, files are replaced whole, roles and schemas are brought to the declared state at each start.
"""

import argparse
import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from market_regulation import settings
from market_regulation.embedded.cluster import Cluster, PostgresError
from market_regulation.embedded.postmaster import await_ready_or_gone, end_leftovers, end_server, is_ready, postmaster
from market_regulation.embedded.private_file import read_json, write_private_json
from market_regulation.embedded.roles import ADDRESSES, ADMIN, ROLES, create_roles_and_databases
from market_regulation.embedded.system_user import server_user


def is_external() -> bool:
    """Tell whether the warehouse's address comes from the environment, in which case nothing is embedded."""
    return bool(os.environ.get("WAREHOUSE_URI") or os.environ.get("WAREHOUSE_OWNER_URI"))


def is_running() -> bool:
    """Tell whether the embedded server accepts connections."""
    return is_ready(_folder() / "data")


def start() -> None:
    """Start the server if it is down; complete its roles, databases and schemas, and write the addresses.

    Raises:
        PostgresError: The server did not start.
        PermissionError: The data folder belongs to another user.
        psycopg.Error: A role, database or schema could not be completed.
    """
    if is_external():
        return
    from market_regulation.database.migrate import migrate

    with _lock():
        passwords = _passwords()
        cluster = _cluster()
        cluster.make(ADMIN, passwords[ADMIN])
        await_ready_or_gone(cluster.data, seconds=120)
        if not is_ready(cluster.data):
            end_leftovers(cluster.data)
            cluster.launch()
        port = cluster.port()

        def uri(role: str, database: str) -> str:
            return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{database}"

        def admin_uri(database: str) -> str:
            return uri(ADMIN, database)

        create_roles_and_databases(admin_uri, passwords)
        addresses = {f"{database}.{role}": uri(login, database) for (database, role), login in ADDRESSES.items()}
        write_private_json(settings.secrets_file(), addresses)
        migrate(admin_uri)


def stop() -> None:
    """Stop the server if it is up: open sessions are ended, everything committed stays.

    Raises:
        TimeoutError: The server is still there after a minute.
    """
    if is_external() or postmaster(_folder() / "data") is None:
        return
    with _lock():
        end_server(_folder() / "data")
        with contextlib.suppress(OSError):
            _cluster().socket_folder().rmdir()


def _folder() -> Path:
    return settings.home() / "postgres"


def _cluster() -> Cluster:
    return Cluster(_folder(), server_user(_folder() / "data"))


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One start or stop at a time; the kernel frees the lock when its holder dies."""
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _passwords() -> dict[str, str]:
    path = _folder() / "passwords.json"
    known = read_json(path)
    if ADMIN not in known and (_folder() / "data").exists():
        raise PostgresError(
            f"{path} is lost, so nobody can log in: restore it, or remove {_folder()} to start with empty databases"
        )
    missing = [role for role in (ADMIN, *ROLES) if role not in known]
    if missing:
        known |= {role: secrets.token_urlsafe(32) for role in missing}
        write_private_json(path, known)
    return known


def main() -> int:
    """``python -m market_regulation.embedded.postgres start|stop``: the server alone, without Airflow."""
    parser = argparse.ArgumentParser(description="Start or stop the embedded PostgreSQL.")
    parser.add_argument("action", choices=("start", "stop"))
    if parser.parse_args().action == "start":
        start()
        print(f"PostgreSQL is up; addresses in {settings.secrets_file()}")
    else:
        stop()
        print("PostgreSQL is down")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
