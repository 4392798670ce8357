"""Leases: two copies of one task never both take effect.

Airflow may start a second copy of a task while the first one still lives (its heartbeat was refused, its scheduler
died). Whoever takes the lease gets a higher token; the former holder finds out at its next write and stops. It is a
row and not an advisory lock, because any role may take advisory locks.
"""

import os
import socket

import psycopg


class StaleLeaseError(RuntimeError):
    """Another copy of this task took the lease: this copy has written nothing since and must end."""


def take(connection: psycopg.Connection, name: str) -> int:
    """Take the lease ``name`` from whoever holds it and return the token that proves it; it counts once committed."""
    ((token,),) = connection.execute(
        "insert into control.lease as l (lease_name, token, taken_by) values (%(name)s, 1, %(by)s)"
        " on conflict (lease_name) do update set token = l.token + 1, taken_by = excluded.taken_by, taken_at = now()"
        " returning token",
        {"name": name, "by": f"{socket.gethostname()}:{os.getpid()}"},
    ).fetchall()
    return int(token)


def hold(connection: psycopg.Connection, name: str, token: int) -> None:
    """Lock the lease until the end of the transaction; call it first in every transaction that writes.

    Raises:
        StaleLeaseError: ``token`` is not the current one.
    """
    row = connection.execute(
        "select from control.lease where lease_name = %s and token = %s for update", (name, token)
    ).fetchone()
    if row is None:
        raise StaleLeaseError(f"lease {name!r}: token {token} is no longer current, another run has taken over")
