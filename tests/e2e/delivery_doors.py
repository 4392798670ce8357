"""What the state machine of deliveries puts between the two sides: connections that last, and a door that is slow."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from market_regulation.sandbox.message import Batch
from market_regulation.sandbox.receiver import Door
from market_regulation.sandbox.receiver_store import Receipt


class Connections:
    """Connections that last: what closes one only ends its transaction, for a new session reads its catalogue anew."""

    def __init__(self) -> None:
        self._connect, self._open = psycopg.connect, dict[str, psycopg.Connection]()

    @contextmanager
    def connect(self, address: str) -> Iterator[psycopg.Connection]:
        if address not in self._open:
            self._open[address] = self._connect(address, prepare_threshold=None)
        connection = self._open[address]
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.execute("discard temp")
            connection.commit()

    def close(self) -> None:
        """Close them all."""
        for connection in self._open.values():
            connection.close()


class SlowDoor:
    """A door of the receiver that keeps its answers back until they are given out."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.name = door.name
        self.answers: list[Receipt] = []
        self.reads = True
        self.refused: dict[tuple[str, int], str | None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        return self._door.new_batches(processed) if self.reads else []

    def send(self, answers: Sequence[Receipt]) -> None:
        self.answers += answers
        self.refused |= {(a.record_id, a.version): a.error_code for a in answers if a.verdict == "rejected"}
