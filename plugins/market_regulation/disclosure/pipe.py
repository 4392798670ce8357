"""Rows from one database to another by COPY, in bounded memory."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.abc import Query


def pipe(
    source: psycopg.Cursor[Any],
    copy_out: Query,
    target: psycopg.Cursor[Any],
    copy_in: Query,
    values: Mapping[str, object] | None = None,
) -> None:
    """Stream what ``copy_out`` (COPY … TO STDOUT, bound to ``values``) gives into ``copy_in`` (COPY … FROM STDIN).

    Raises:
        psycopg.Error: Either side failed; both transactions are then to be rolled back.
    """
    with source.copy(copy_out, values) as outgoing, target.copy(copy_in) as incoming:
        for block in outgoing:
            incoming.write(block)
