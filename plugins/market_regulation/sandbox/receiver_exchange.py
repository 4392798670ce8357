"""The receiver's door to the exchange database (前置库): batches lie there, answers are put there."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from market_regulation.sandbox.message import Batch, Question, Row
from market_regulation.sandbox.receiver_store import Held, Receipt

RECORD_TYPES = (
    "administrative_penalty", "ccc_validity", "other_check", "other_dept_penalty", "serious_listing", "spot_check",
)  # fmt: skip


class ExchangeDoor:
    """The exchange as the receiver sees it; each method is one transaction."""

    name = "exchange_db"

    def __init__(self, exchange: psycopg.Connection) -> None:
        self._exchange = exchange

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        """Batches that have not been processed, oldest first."""
        found = self._exchange.execute(
            "select batch_no, channel, rows, content_sha256, previous_batch, business_day from outbound.batch"
            " where not batch_no = any(%s) order by created_at, batch_no",
            [list(processed)],
        ).fetchall()
        self._exchange.commit()
        return [Batch(*row) for row in found]

    def read_rows(self, batch: Batch) -> list[Row]:
        """Rows of a batch in order of record and version."""
        rows: list[Row] = []
        for record_type in RECORD_TYPES:
            query = sql.SQL(
                "select record_id, version, op, reason_code, row_hash, payload from outbound.{} where batch_no = %s"
            ).format(sql.Identifier(record_type))
            rows += (Row(record_type, *found) for found in self._exchange.execute(query, [batch.batch_no]))
        self._exchange.commit()
        return sorted(rows, key=lambda row: (row.record_id, row.version))

    def read_documents(self, named: Sequence[str]) -> Iterator[bytes]:
        """Those of the named documents that lie in the exchange."""
        found = self._exchange.execute("select content from outbound.attachment where sha256 = any(%s)", [named])
        for (content,) in found:
            yield bytes(content)
        self._exchange.commit()

    def send(self, receipts: Sequence[Receipt]) -> None:
        """Write receipts into the exchange in this order; those that lie there already stay."""
        with self._exchange.cursor() as cursor:
            cursor.executemany(
                "insert into inbound.receipt (receipt_id, channel, batch_no, record_id, version, verdict, field,"
                " error_code, message, published_on, business_day, receiver_id)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (receipt_id) do nothing",
                [(*receipt, f"sandbox-{receipt.channel}") for receipt in receipts],
            )
        self._exchange.commit()

    def questions(self) -> list[Question]:
        """Questions for the inventory that have no complete answer yet."""
        found = self._exchange.execute(
            "select request_id, channel, with_content from outbound.inventory_request as r"
            " where not exists (select from inbound.inventory_answer as a where a.request_id = r.request_id)"
            " order by asked_at"
        ).fetchall()
        self._exchange.commit()
        return [Question(*row) for row in found]

    def answer(self, question: Question, held: Iterable[Held]) -> None:
        """Answer with everything that is held, in one transaction."""
        items = 0
        with self._exchange.transaction(), self._exchange.cursor() as cursor:
            with cursor.copy("copy inbound.inventory from stdin") as copy:
                for item in held:
                    items += 1
                    content = Jsonb(item.payload) if question.with_content else None
                    copy.write_row((question.request_id, *item[:-1], content))
            cursor.execute(
                "insert into inbound.inventory_answer (request_id, items) values (%s, %s)", [question.request_id, items]
            )
