"""``python -m market_regulation.commands <command>``: what the Makefile calls.

Each command is a module of this package with ``main(arguments) -> exit code``, imported only when it is called.
"""

import argparse
import sys
from importlib import import_module

import psycopg

COMMANDS = {
    "up": "start the platform in the background",
    "down": "stop it",
    "day": "set the business day",
    "ingest": "run the DAG of one source",
    "profile": "inspect an unknown file and draft the profile that takes it in",
    "build": "run the warehouse DAG",
    "disclose": "run the disclosure DAG",
    "quarantine": "say what waits for its submitters, why and since when",
    "verify_ledger": "prove that the ledger of publications is as it was written",
    "exchange_keys": "renew or erase a key of what only the exchange may carry",
    "init": "prepare an external PostgreSQL (the init service of docker-compose.yml)",
    "bi": "start Superset with the dashboards of this repository",
    "demo": "run one business day of sample data through everything and compare with the right answer",
    "dbt": "run dbt on the warehouse",
    "dsn": "print the connection URI of a database",
    "psql": "open a database in psql",
}


def main() -> int:
    """Dispatch to the command named first; expected failures end with a message instead of a stack trace."""
    parser = argparse.ArgumentParser(
        prog="python -m market_regulation.commands",
        description="Commands of the platform.",
        epilog="\n".join(f"{name:15}{does}" for name, does in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    module = import_module(f"market_regulation.commands.{chosen.command}")
    try:
        return int(module.main(chosen.arguments))
    except (RuntimeError, LookupError, OSError, ValueError, psycopg.Error) as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{chosen.command}: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
