"""``make dsn``: print one connection URI on stdout and nothing else there."""

import argparse
from typing import get_args

from market_regulation import settings
from market_regulation.embedded import postgres


def main(arguments: list[str]) -> int:
    """Print the address of a database for a role; starts the embedded PostgreSQL when it is down."""
    print(address(arguments, "dsn", __doc__))
    return 0


def address(arguments: list[str], program: str, description: str | None) -> str:
    """Return the URI that ``--db`` and ``--role`` ask for, of a server that runs.

    Raises:
        SettingMissingError: The role has no access to that database.
    """
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--db", default="warehouse", choices=get_args(settings.Database))
    parser.add_argument("--role", default="owner", choices=get_args(settings.Role))
    chosen = parser.parse_args(arguments)
    if not postgres.is_running():
        postgres.start()
    return settings.dsn(chosen.db, chosen.role)
