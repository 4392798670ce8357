"""The receiving credit-disclosure system: fetches batches, validates, shows, answers (domain.md 8.3, 8.4).

Effect and mark are one transaction in its own database; receipts follow, and are written again after a crash.
A batch whose content hash or place in the sequence is wrong is refused as a whole, row by row.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence

import psycopg

from market_regulation import settings
from market_regulation.sandbox import receiver_store as store
from market_regulation.sandbox.message import Batch, Refusal, Row
from market_regulation.sandbox.misbehave import faults
from market_regulation.sandbox.receiver_checks import check_batch, check_content
from market_regulation.sandbox.receiver_state import Item, applied, check_order, is_repeated

POLL_SECONDS = 0.3
_RECONNECT_SECONDS = 2.0

log = logging.getLogger(__name__)


class Receiver:
    """One receiving system with its connections; ``turn`` does all that is due."""

    def __init__(self, exchange: psycopg.Connection, own: psycopg.Connection) -> None:
        self._exchange = exchange
        self._own = own
        store.prepare(own)
        self._processed, self._last = store.last_batches(own)

    def turn(self) -> None:
        """Process new batches, send receipts, answer inventory requests.

        Raises:
            psycopg.Error: A database failed; a new Receiver goes on where this one stopped.
        """
        wanted = faults()
        if "down" in wanted:
            return
        waiting = store.new_batches(self._exchange, self._processed)
        while waiting:
            batch = _next(waiting, set(self._last.values()))
            waiting.remove(batch)
            self._process(batch)
        if receipts := store.outgoing_receipts(self._own):
            if "drop_receipts" not in wanted:
                store.send_receipts(self._exchange, receipts)
            store.forget_receipts(self._own, receipts)
        for request_id, channel in store.open_requests(self._exchange):
            store.answer_request(self._exchange, self._own, request_id, channel)

    def _process(self, batch: Batch) -> None:
        letters = batch.batch_no[26:28]
        rows = store.read_rows(self._exchange, batch)
        refusal = check_batch(batch, rows, self._last.get(letters))
        if refusal:
            items: dict[str, Item] = {}
            receipts = [_receipt(batch, row, refusal, None) for row in rows]
        else:
            attachments = store.read_attachments(self._exchange, batch)
            items = store.read_items(self._own, batch.channel, [row.record_id for row in rows])
            items, receipts = judge(batch, rows, items, attachments)
        with self._own.transaction():
            store.take_effect(self._own, batch, items, receipts, [row.row_hash for row in rows])
        self._processed.add(batch.batch_no)
        self._last[letters] = batch.batch_no
        refused = sum(receipt.verdict == "rejected" for receipt in receipts)
        log.info("batch %s: %d rows, %d refused", batch.batch_no, len(rows), refused)


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


def run(is_stopping: Callable[[], bool]) -> None:
    """Receive until told to stop; a lost connection is opened again.

    Args:
        is_stopping: Asked between two turns.
    """
    while not is_stopping():
        try:
            with (
                psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
                psycopg.connect(settings.dsn("receiver", "owner")) as own,
            ):
                receiver = Receiver(exchange, own)
                while not is_stopping():
                    receiver.turn()
                    time.sleep(POLL_SECONDS)
        except psycopg.OperationalError as error:
            log.warning("a database does not answer, trying again: %s", error.sqlstate or type(error).__name__)
            time.sleep(_RECONNECT_SECONDS)
