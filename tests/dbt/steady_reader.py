"""A BI tool that reads every mart again and again while dbt works."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from built_warehouse import Warehouse
from psycopg import sql

Seen = dict[str, set[int | str]]


class SecondDay(NamedTuple):
    """The warehouse, what readers saw of the marts while they were built, and their rows right after.

    Attributes:
        seen: By ``bi_reader``.
        seen_elsewhere: By a regional reader of a region of which no fact tells.
    """

    warehouse: Warehouse
    seen: Seen
    seen_elsewhere: Seen
    counts: dict[str, int]


@contextlib.contextmanager
def reading_all_along(warehouse: Warehouse, tables: list[str], role: str = "bi_reader") -> Iterator[Seen]:
    """Count the rows of each mart as ``role`` until the block ends; what was seen is filled in by then.

    Yields:
        For each table the counts that were read, and the text of every error.
    """
    seen: Seen = defaultdict(set)
    done = threading.Event()

    def read() -> None:
        with psycopg.connect(warehouse.uri(role), autocommit=True) as reader:
            while not done.is_set():
                for table in tables:
                    seen[table].add(_count(reader, table))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _count(reader: psycopg.Connection, table: str) -> int | str:
    try:
        row = reader.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("marts", table))).fetchone()
    except psycopg.Error as error:
        return str(error)
    assert row is not None
    return int(row[0])
