"""Databases and roles of the embedded server: who may connect where.

Which tables a role may touch is decided by the DDL in ``database/ddl``. Passwords reach the server only as
SCRAM verifiers, and its log gets neither.
"""

from collections.abc import Callable
from typing import LiteralString

import psycopg
from psycopg import sql

from market_regulation.settings import Database, Role

ADMIN = "postgres"
LEDGER_OWNER = "ledger_owner"

# database -> role that owns it
DATABASES = {"warehouse": "owner", "exchange": "owner", "receiver": "receiver", "airflow": "airflow"}

# login role -> attributes and settings beyond LOGIN
ROLES: dict[str, LiteralString] = {
    "owner": "",
    "loader": "",
    "transformer": "",
    "publisher": "",
    "bi_reader": "CONNECTION LIMIT 20",
    "bi_region_reader": "CONNECTION LIMIT 20",
    "steward": "",
    "auditor": "",
    "submitter": "",
    "receiver": "",
    "airflow": "",
}
IMPATIENT = ("loader", "transformer", "publisher", "submitter", "receiver")  # give up a lock after 30 s

# (database, role as asked for by settings.dsn) -> role that logs in
ADDRESSES: dict[tuple[Database, Role], str] = {
    ("warehouse", "owner"): "owner",
    ("warehouse", "loader"): "loader",
    ("warehouse", "transformer"): "transformer",
    ("warehouse", "publisher"): "publisher",
    ("warehouse", "bi_reader"): "bi_reader",
    ("warehouse", "bi_region_reader"): "bi_region_reader",
    ("warehouse", "steward"): "steward",
    ("warehouse", "auditor"): "auditor",
    ("exchange", "owner"): "owner",
    ("exchange", "loader"): "loader",
    ("exchange", "publisher"): "publisher",
    ("exchange", "submitter"): "submitter",
    ("exchange", "receiver"): "receiver",
    ("receiver", "owner"): "receiver",
    ("airflow", "owner"): "airflow",
}
MAY_CREATE_TEMPORARY_TABLES = {"owner", "loader", "transformer", "publisher"}


def create_roles_and_databases(admin_uri: Callable[[str], str], passwords: dict[str, str]) -> None:
    """Bring roles, passwords, databases and their CONNECT and TEMPORARY grants to the declared state.

    Args:
        admin_uri: Gives the superuser's connection URI for a database name.
        passwords: Password of each login role; a role that is not named keeps the one it has.

    Raises:
        psycopg.Error: The server refused a statement.
    """
    with psycopg.connect(admin_uri(ADMIN), autocommit=True, options="-c log_statement=none") as connection:
        _create_roles(connection, passwords)
        _create_databases(connection)
        _grant_connections(connection)


def _create_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    present = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for name in (*ROLES, LEDGER_OWNER):
        if name not in present:
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(name)))
    for name, attributes in ROLES.items():
        if name not in passwords:
            continue
        verifier = connection.pgconn.encrypt_password(passwords[name].encode(), name.encode(), b"scram-sha-256")
        connection.execute(
            sql.SQL("alter role {} login nosuperuser nocreatedb nocreaterole password {} {}").format(
                sql.Identifier(name), sql.Literal(verifier.decode()), sql.SQL(attributes)
            )
        )
    for name in IMPATIENT:
        connection.execute(sql.SQL("alter role {} set lock_timeout = '30s'").format(sql.Identifier(name)))


def _create_databases(connection: psycopg.Connection) -> None:
    present = {name for (name,) in connection.execute("select datname from pg_database")}
    for name, owner in DATABASES.items():
        if name not in present:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner))
            )


def _grant_connections(connection: psycopg.Connection) -> None:
    for name in (*DATABASES, ADMIN, "template1"):
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    for (database, _), role in ADDRESSES.items():
        privileges = "connect, temporary" if role in MAY_CREATE_TEMPORARY_TABLES else "connect"
        connection.execute(
            sql.SQL("grant {} on database {} to {}").format(
                sql.SQL(privileges), sql.Identifier(database), sql.Identifier(role)
            )
        )
