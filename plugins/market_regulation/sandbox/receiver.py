"""The receiving credit-disclosure system: fetches batches, validates, shows, answers (domain.md 8.3, 8.4).

Effect and mark are one transaction in its own database; receipts follow, and are written again after a crash.
A batch whose content hash or place in the sequence is wrong is refused as a whole, row by row, or, where its rows
cannot be read, by one answer. The doors differ (exchange database, files, HTTP); what is judged and kept is the same.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

import psycopg

from market_regulation import settings
from market_regulation.disclosure.feed import TEMPORARY
from market_regulation.sandbox import receiver_store as store
from market_regulation.sandbox.message import Batch, Question, Refusal, Row
from market_regulation.sandbox.misbehave import faults, is_refused
from market_regulation.sandbox.receiver_checks import check_batch, check_content
from market_regulation.sandbox.receiver_exchange import ExchangeDoor
from market_regulation.sandbox.receiver_state import Item, applied, check_order, is_repeated

POLL_SECONDS = 0.3
_RECONNECT_SECONDS = 2.0

log = logging.getLogger(__name__)


class Door(Protocol):
    """One way in: where batches lie, and where answers go."""

    @property
    def name(self) -> str:
        """The transport it serves."""

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        """Return whole batches that have not been processed."""

    def read_rows(self, batch: Batch) -> list[Row]:
        """Return the rows of a batch in order of record and version."""

    def read_documents(self, named: Sequence[str]) -> Iterable[bytes]:
        """Return those of the named documents that are there."""

    def send(self, receipts: Sequence[store.Receipt]) -> None:
        """Give answers out, in this order; those given out before stay as they are."""

    def questions(self) -> list[Question]:
        """Return the open questions for the inventory."""

    def answer(self, question: Question, held: Iterable[store.Held]) -> None:
        """Answer a question with everything that is held."""


class Receiver:
    """One receiving system with its own database; ``turn`` does all that is due at one door."""

    def __init__(self, own: psycopg.Connection) -> None:
        self._own = own
        store.prepare(own)
        self._processed, self._last = store.last_batches(own)

    def turn(self, door: Door) -> None:
        """Process new batches, send receipts, answer inventory requests.

        Raises:
            psycopg.Error: A database failed; a new Receiver goes on where this one stopped.
            OSError: A file of the door cannot be read or written; as above.
        """
        wanted = faults()
        if "down" in wanted:
            return
        waiting = door.new_batches(self._processed)
        while waiting:
            batch = _next(waiting, set(self._last.values()))
            waiting.remove(batch)
            self._process(door, batch)
        if receipts := store.outgoing_receipts(self._own, door.name):
            if "drop_receipts" not in wanted:
                door.send(_disturbed(receipts, wanted))
            store.forget_receipts(self._own, receipts)
        for question in door.questions():
            door.answer(question, store.held_items(self._own, question.channel))

    def _process(self, door: Door, batch: Batch) -> None:
        letters = batch.batch_no[26:28]
        rows = door.read_rows(batch)
        refusal = check_batch(batch, rows, self._last.get(letters))
        items: dict[str, Item] = {}
        with self._own.transaction():
            if refusal:
                receipts = [_receipt(batch, row, refusal, None) for row in rows] or [_of_batch(batch, refusal)]
            else:
                documents = store.store_documents(self._own, door.read_documents(_named(rows)))
                items = store.read_items(self._own, batch.channel, [row.record_id for row in rows])
                taken = [row for row in rows if not is_refused(batch.batch_no, row.record_id, row.version)]
                items, receipts = judge(batch, taken, items, documents)
                busy = Refusal(TEMPORARY, None, "the receiver cannot take the row now")
                receipts += [_receipt(batch, row, busy, None) for row in rows if row not in taken]
            hashes = {(row.record_id, row.version): row.row_hash for row in rows}
            store.take_effect(self._own, batch, items, receipts, hashes, door.name)
        self._processed.add(batch.batch_no)
        self._last[letters] = batch.batch_no
        refused = sum(receipt.verdict == "rejected" for receipt in receipts)
        log.info("batch %s: %d rows, %d refused", batch.batch_no, len(rows), refused)


def _disturbed(receipts: list[store.Receipt], wanted: Collection[str]) -> list[store.Receipt]:
    """Receipts as a misbehaving receiver sends them."""
    if "receipts_twice" in wanted:
        receipts = receipts + [receipt._replace(receipt_id=f"{receipt.receipt_id}/again") for receipt in receipts]
    return receipts[::-1] if "receipts_out_of_order" in wanted else receipts


def _named(rows: Sequence[Row]) -> list[str]:
    """Hashes of the documents that the rows name."""
    return sorted({document["sha256"] for row in rows for document in row.payload.get("documents") or ()})


def _next(waiting: Sequence[Batch], last: Collection[str]) -> Batch:
    """The batch that follows the last one of its channel; when none does, the oldest, which will be refused."""
    return next((b for b in waiting if b.previous_batch is None or b.previous_batch in last), waiting[0])


def judge(
    batch: Batch, rows: Sequence[Row], held: dict[str, Item], attachments: set[str]
) -> tuple[dict[str, Item], list[store.Receipt]]:
    """Judge the rows of a sound batch one after the other.

    Args:
        batch: The batch.
        rows: Its rows in order of record and version.
        held: What is held of their records.
        attachments: Hashes of the documents present.

    Returns:
        The new state of each record that changed, and one receipt per row.
    """
    state, changed = dict(held), dict[str, Item]()
    receipts: list[store.Receipt] = []
    for row in rows:
        before = state.get(row.record_id)
        if is_repeated(row, before):
            receipts.append(_receipt(batch, row, None, before, "duplicate"))
            continue
        refusal = check_content(row, batch.channel, batch.business_day, attachments) or check_order(
            row, batch.channel, before
        )
        if refusal is None:
            changed[row.record_id] = state[row.record_id] = applied(row, before, batch.business_day)
        receipts.append(_receipt(batch, row, refusal, state.get(row.record_id)))
    return changed, receipts


def _of_batch(batch: Batch, refusal: Refusal) -> store.Receipt:
    """The answer to a batch whose rows cannot be read."""
    return store.Receipt(
        f"{batch.batch_no}/", batch.channel, batch.batch_no, "", 0, "rejected", refusal.field, refusal.code,
        refusal.message, None, batch.business_day,
    )  # fmt: skip


def _receipt(
    batch: Batch, row: Row, refusal: Refusal | None, item: Item | None, verdict: str | None = None
) -> store.Receipt:
    shown_on = item.published_on if item and item.visible and not refusal else None
    return store.Receipt(
        f"{batch.batch_no}/{row.record_id}/{row.version}",
        batch.channel,
        batch.batch_no,
        row.record_id,
        row.version,
        verdict or ("rejected" if refusal else "accepted"),
        refusal.field if refusal else None,
        refusal.code if refusal else None,
        refusal.message if refusal else None,
        shown_on,
        batch.business_day,
    )


def run(is_stopping: Callable[[], bool], doors: Callable[[psycopg.Connection], Sequence[Door]]) -> None:
    """Receive until told to stop, at the exchange database and at further doors; a lost connection is opened again.

    Args:
        is_stopping: Asked between two turns.
        doors: Opens what is served beside the exchange database, given the receiver's own database.
    """
    while not is_stopping():
        try:
            with (
                psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
                psycopg.connect(settings.dsn("receiver", "owner")) as own,
            ):
                receiver, served = Receiver(own), [ExchangeDoor(exchange), *doors(own)]
                while not is_stopping():
                    for door in served:
                        receiver.turn(door)
                    time.sleep(POLL_SECONDS)
        except psycopg.OperationalError as error:
            log.warning("a database does not answer, trying again: %s", error.sqlstate or type(error).__name__)
            time.sleep(_RECONNECT_SECONDS)
