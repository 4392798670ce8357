"""A lease keeps two copies of one step from both taking effect: whoever took the higher token wins."""

import os
import socket

import psycopg


class LeaseLostError(RuntimeError):
    """Another copy of the step began later; this one must not write any more."""


def take(connection: psycopg.Connection, name: str) -> int:
    """Take the lease over and return the token that proves it."""
    row = connection.execute(
        """
        insert into control.lease as l (lease_name, token, taken_by) values (%(name)s, 1, %(by)s)
        on conflict (lease_name) do update set token = l.token + 1, taken_by = %(by)s, taken_at = now()
        returning token
        """,
        {"name": name, "by": f"{socket.gethostname()}:{os.getpid()}"},
    ).fetchone()
    return int(row[0]) if row else 0


def hold(connection: psycopg.Connection, name: str, token: int) -> None:
    """Make sure, until this transaction ends, that nobody took the lease over.

    Raises:
        LeaseLostError: Somebody did.
    """
    row = connection.execute(
        "select taken_by from control.lease where lease_name = %s and token = %s for update", (name, token)
    ).fetchone()
    if row is None:
        raise LeaseLostError(f"{name}: another copy of this step began later and goes on in place of this one")
