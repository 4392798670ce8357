"""The receiver's turn: effect before answer, answers once more after a crash, faults on demand."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from market_regulation.sandbox import receiver
from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Question, Row, content_sha256
from market_regulation.sandbox.receiver import Receiver
from market_regulation.sandbox.receiver_state import Item
from market_regulation.sandbox.receiver_store import Receipt

DAY = dt.date(2026, 3, 16)


class Stores:
    """Stands for a door, and for the database of the receiver: what lies there, and what the receiver keeps."""

    name = "door"

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.rows: dict[str, list[Row]] = {}
        self.answered: list[Receipt] = []
        self.processed: list[str] = []
        self.items: dict[str, Item] = {}
        self.outgoing: list[Receipt] = []
        self.is_exchange_up = True

    def bring(self, number: int, *rows: Row, previous: str | None) -> str:
        batch_no = f"11310000MB0000000920260316GX{number:04d}"
        self.batches.append(Batch(batch_no, "gsxt", len(rows), content_sha256(rows), previous, DAY))
        self.rows[batch_no] = list(rows)
        return batch_no

    def prepare(self, _own: object) -> None:
        pass

    def last_batches(self, _own: object) -> tuple[set[str], dict[str, str]]:
        return set(self.processed), {number[26:28]: number for number in self.processed}

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        return [batch for batch in self.batches if batch.batch_no not in processed]

    def read_rows(self, batch: Batch) -> list[Row]:
        return self.rows[batch.batch_no]

    def read_documents(self, _named: Sequence[str]) -> list[bytes]:
        return []

    def store_documents(self, _own: object, _documents: object) -> set[str]:
        return set()

    def read_items(self, _own: object, _channel: str, record_ids: Sequence[str]) -> dict[str, Item]:
        return {record: item for record, item in self.items.items() if record in record_ids}

    def take_effect(
        self, _own: object, batch: Batch, items: Mapping[str, Item], receipts: Sequence[Receipt], *_: object
    ) -> None:
        self.items |= items
        self.outgoing += receipts
        self.processed.append(batch.batch_no)

    def outgoing_receipts(self, _own: object, _door: str) -> list[Receipt]:
        return list(self.outgoing)

    def send(self, receipts: Sequence[Receipt]) -> None:
        if not self.is_exchange_up:
            raise ConnectionError
        self.answered += receipts

    def forget_receipts(self, _own: object, receipts: Sequence[Receipt]) -> None:
        self.outgoing = [receipt for receipt in self.outgoing if receipt not in receipts]

    def questions(self) -> list[Question]:
        return []

    def answer(self, question: Question, held: object) -> None:
        raise NotImplementedError


class Connection:
    """A connection whose transaction is of no concern here."""

    def transaction(self) -> "Connection":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        return None


def withdrawal(record: str, version: int = 1) -> Row:
    payload: dict[str, Any] = {"record": record}
    return Row("spot_check", record, version, "WITHDRAW", "decision_revoked", sha256_of(payload), payload)


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stores:
    made = Stores()
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    (tmp_path / "sandbox").mkdir()
    for name in (name for name in dir(made) if not name.startswith("_") and callable(getattr(made, name))):
        if hasattr(receiver.store, name):
            monkeypatch.setattr(receiver.store, name, getattr(made, name))
    return made


def new_receiver() -> Receiver:
    return Receiver(Connection())  # type: ignore[arg-type]


def misbehave(tmp_path: Path, text: str) -> None:
    (tmp_path / "sandbox" / "misbehave.json").write_text(text)


def answers(stores: Stores) -> list[tuple[str, str, str | None]]:
    return [(receipt.record_id, receipt.verdict, receipt.error_code) for receipt in stores.answered]


def test_a_batch_is_processed_once_and_every_row_is_answered(stores: Stores) -> None:
    stores.bring(1, withdrawal("a"), withdrawal("b"), previous=None)
    one = new_receiver()
    one.turn(stores)
    one.turn(stores)
    assert answers(stores) == [("a", "accepted", None), ("b", "accepted", None)]
    assert [receipt.receipt_id for receipt in stores.answered] == [
        "11310000MB0000000920260316GX0001/a/1",
        "11310000MB0000000920260316GX0001/b/1",
    ]


def test_answers_lost_in_a_crash_are_sent_by_the_next_receiver(stores: Stores) -> None:
    stores.bring(1, withdrawal("a"), previous=None)
    stores.is_exchange_up = False
    with pytest.raises(ConnectionError):
        new_receiver().turn(stores)
    assert (stores.processed, answers(stores)) == (["11310000MB0000000920260316GX0001"], [])
    stores.is_exchange_up = True
    new_receiver().turn(stores)
    assert answers(stores) == [("a", "accepted", None)]
    assert stores.outgoing == []


def test_batches_are_taken_in_the_order_in_which_they_name_each_other(stores: Stores) -> None:
    stores.bring(2, withdrawal("b"), previous="11310000MB0000000920260316GX0001")
    stores.bring(1, withdrawal("a"), previous=None)
    new_receiver().turn(stores)
    assert answers(stores) == [("a", "accepted", None), ("b", "accepted", None)]


def test_a_gap_in_the_sequence_refuses_every_row_of_the_batch(stores: Stores) -> None:
    first = stores.bring(1, withdrawal("a"), previous=None)
    stores.bring(3, withdrawal("b"), withdrawal("c"), previous="11310000MB0000000920260316GX0002")
    new_receiver().turn(stores)
    assert answers(stores)[1:] == [("b", "rejected", "E202"), ("c", "rejected", "E202")]
    assert stores.items.keys() == {"a"}
    assert stores.processed[0] == first


def test_a_receiver_that_is_down_does_nothing_until_it_is_up(stores: Stores, tmp_path: Path) -> None:
    stores.bring(1, withdrawal("a"), previous=None)
    one = new_receiver()
    misbehave(tmp_path, '{"down": true}')
    one.turn(stores)
    assert (stores.processed, answers(stores)) == ([], [])
    misbehave(tmp_path, "{}")
    one.turn(stores)
    assert answers(stores) == [("a", "accepted", None)]


def test_dropped_receipts_never_come_but_the_effect_stays(stores: Stores, tmp_path: Path) -> None:
    stores.bring(1, withdrawal("a"), previous=None)
    misbehave(tmp_path, '{"drop_receipts": true}')
    one = new_receiver()
    one.turn(stores)
    misbehave(tmp_path, "{}")
    one.turn(stores)
    assert answers(stores) == []
    assert stores.items.keys() == {"a"}
