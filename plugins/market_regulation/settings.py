"""Where things are: folders and database addresses, each with a working default.

Every setting is an environment variable (the README lists them in one table). A database address is looked
up as ``<DATABASE>_<ROLE>_URI``, then ``<DATABASE>_URI``, then in the 0600 file that the embedded server
writes when it starts. No password is ever an argument, a log line or a rendered template.
"""

import json
import os
from pathlib import Path
from typing import Literal

Database = Literal["warehouse", "exchange", "receiver", "airflow"]
Role = Literal[
    "owner", "loader", "transformer", "publisher", "bi_reader", "bi_region_reader", "steward", "auditor", "receiver",
    "submitter",
]  # fmt: skip

TIME_ZONE = "Asia/Shanghai"


class SettingMissingError(RuntimeError):
    """A database address is neither in the environment nor known to the embedded server."""


def project_root() -> Path:
    """Folder that holds ``dags/``, ``dbt_project/`` and ``plugins/``."""
    return Path(__file__).resolve().parents[2]


def home() -> Path:
    """Folder for all state: ``$MARKET_REGULATION_HOME``, or ``.local/`` in the project."""
    return Path(os.environ.get("MARKET_REGULATION_HOME") or project_root() / ".local").resolve()


def inbox() -> Path:
    """Folder into which submitters drop files, one sub-folder per source."""
    return home() / "inbox"


def store() -> Path:
    """Folder of the received originals: hashed, immutable, never read by anything but landing."""
    return home() / "store"


def reviewers() -> tuple[str, ...]:
    """Names of the users of Airflow who may answer reviews: ``$REVIEWERS``, split by commas, or checker alone."""
    return tuple(name for name in os.environ.get("REVIEWERS", "").split(",") if name) or ("checker",)


def known_hosts() -> Path:
    """File with the host keys of SFTP servers: ``$SFTP_KNOWN_HOSTS``, or ``<home>/known_hosts``."""
    return Path(os.environ.get("SFTP_KNOWN_HOSTS") or home() / "known_hosts").resolve()


def returns() -> Path:
    """Folder of what goes back to submitters, one sub-folder per source and profile, open to its owner only."""
    return home() / "returns"


def source_folders() -> list[Path]:
    """Folders with source contracts: ``dags/sources`` and those in ``$MARKET_REGULATION_SOURCES`` (path list)."""
    extra = os.environ.get("MARKET_REGULATION_SOURCES", "").split(os.pathsep)
    return [project_root() / "dags" / "sources", *(Path(p).resolve() for p in extra if p)]


def secrets_file() -> Path:
    """File (mode 0600) with the embedded server's addresses, keyed ``<database>.<role>``."""
    return home() / "postgres" / "addresses.json"


def dsn(database: Database = "warehouse", role: Role = "owner") -> str:
    """Return the connection URI for ``role`` in ``database``.

    Raises:
        SettingMissingError: Neither the environment nor the embedded server knows the address.
    """
    for name in (f"{database}_{role}_uri".upper(), f"{database}_uri".upper()):
        if uri := os.environ.get(name):
            return uri
    known: dict[str, str] = json.loads(secrets_file().read_text()) if secrets_file().exists() else {}
    if uri := known.get(f"{database}.{role}"):
        return uri
    raise SettingMissingError(
        f"no address for role {role!r} in database {database!r}: set {database.upper()}_{role.upper()}_URI "
        f"or {database.upper()}_URI, or start the embedded server with `make up`"
    )
