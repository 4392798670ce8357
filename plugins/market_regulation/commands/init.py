"""``init`` service of docker-compose.yml: roles, databases, schemas and Airflow's tables on an external PostgreSQL.

Idempotent: it runs before every start of the other services. Passwords come from the addresses the services use, so
that one value is set in one place.
"""

import argparse
import os
from urllib.parse import unquote, urlsplit, urlunsplit

from market_regulation.database.migrate import migrate
from market_regulation.embedded import airflow_database
from market_regulation.embedded.roles import ROLES, create_roles_and_databases


def main(arguments: list[str]) -> int:
    """Bring the server named by ``POSTGRES_ADMIN_URI`` (a superuser's address) to the state this version needs.

    Raises:
        KeyError: ``POSTGRES_ADMIN_URI`` is not set.
        psycopg.Error: The server refused a statement; it can be repeated.
    """
    argparse.ArgumentParser(prog="init", description=__doc__).parse_args(arguments)
    admin = urlsplit(os.environ["POSTGRES_ADMIN_URI"])

    def admin_uri(database: str) -> str:
        return urlunsplit(admin._replace(path=f"/{database}"))

    create_roles_and_databases(admin_uri, _passwords())
    print("roles and databases ready", flush=True)
    migrate(admin_uri)
    print("schemas ready", flush=True)
    airflow_database.main()
    print("Airflow's tables and pools ready", flush=True)
    return 0


def _passwords() -> dict[str, str]:
    """Return the password of each role that has an address among the settings of the services."""
    found: dict[str, str] = {}
    for name, value in os.environ.items():
        if name.endswith("_URI") and name != "POSTGRES_ADMIN_URI":
            address = urlsplit(value)
            if address.username in ROLES and address.password:
                found[address.username] = unquote(address.password)
    if password := os.environ.get("DBT_PASSWORD"):
        found.setdefault("transformer", password)
    return found
