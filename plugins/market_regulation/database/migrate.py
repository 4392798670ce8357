"""Create or complete the platform's schemas in its three databases.

Every file in ``ddl/<database>/`` is idempotent SQL, run in name order by a superuser in one transaction per
database, so a half-applied schema cannot be left behind. Roles exist before (``embedded/postgres.py``, or the
``init`` service in production).
"""

from collections.abc import Callable
from pathlib import Path

import psycopg

from market_regulation.database.calendar import load_calendar
from market_regulation.database.regions import load_regions

DDL = Path(__file__).parent / "ddl"


def migrate(admin_uri: Callable[[str], str]) -> None:
    """Apply the DDL of the warehouse, exchange and receiver databases.

    Args:
        admin_uri: Gives the superuser's connection URI for a database name.

    Raises:
        psycopg.Error: A statement failed; nothing of that database's DDL was applied.
    """
    for database in ("warehouse", "exchange", "receiver"):
        with psycopg.connect(admin_uri(database)) as connection:
            for file in sorted((DDL / database).glob("*.sql")):
                connection.execute(file.read_text(encoding="utf-8"))
            if database == "warehouse":
                load_calendar(connection)
                load_regions(connection)
