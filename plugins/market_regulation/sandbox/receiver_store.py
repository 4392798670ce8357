"""The receiver's two databases: the exchange it reads batches from and answers into, and its own public copy."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Row
from market_regulation.sandbox.receiver_state import Item

RECORD_TYPES = (
    "administrative_penalty", "ccc_validity", "other_check", "other_dept_penalty", "serious_listing", "spot_check",
)  # fmt: skip
RECEIVER_ID = "sandbox-gsxt"
_PAGE = 1000

# Receipts are kept here in the transaction that takes effect, and deleted once they lie in the exchange.
_OUTGOING = """
create table if not exists public_copy.outgoing_receipt (
    receipt_id   text primary key,
    channel      text not null,
    batch_no     text not null,
    record_id    text not null,
    version      integer not null,
    verdict      text not null,
    field        text,
    error_code   text,
    message      text,
    published_on date,
    business_day date not null
)
"""


class Receipt(NamedTuple):
    """The receiver's answer to one row."""

    receipt_id: str
    channel: str
    batch_no: str
    record_id: str
    version: int
    verdict: str
    field: str | None
    error_code: str | None
    message: str | None
    published_on: dt.date | None
    business_day: dt.date


def prepare(own: psycopg.Connection) -> None:
    """Make the table of outgoing receipts."""
    own.execute(_OUTGOING)
    own.commit()


def last_batches(own: psycopg.Connection) -> tuple[set[str], dict[str, str]]:
    """Numbers of all processed batches, and the last one of each pair of channel letters."""
    numbers = [str(number) for (number,) in own.execute("select batch_no from public_copy.batch order by processed_at")]
    own.commit()
    return set(numbers), {number[26:28]: number for number in numbers}


def new_batches(exchange: psycopg.Connection, processed: Collection[str]) -> list[Batch]:
    """Batches that have not been processed, oldest first."""
    found = exchange.execute(
        "select batch_no, channel, rows, content_sha256, previous_batch, business_day from outbound.batch"
        " where not batch_no = any(%s) order by created_at, batch_no",
        [list(processed)],
    ).fetchall()
    exchange.commit()
    return [Batch(*row) for row in found]


def read_rows(exchange: psycopg.Connection, batch: Batch) -> list[Row]:
    """Rows of a batch in order of record and version."""
    rows: list[Row] = []
    for record_type in RECORD_TYPES:
        query = sql.SQL(
            "select record_id, version, op, reason_code, row_hash, payload from outbound.{} where batch_no = %s"
        ).format(sql.Identifier(record_type))
        rows += (Row(record_type, *found) for found in exchange.execute(query, [batch.batch_no]))
    exchange.commit()
    return sorted(rows, key=lambda row: (row.record_id, row.version))


def read_attachments(exchange: psycopg.Connection, batch: Batch) -> set[str]:
    """Hashes of those documents named in the batch that lie in the exchange."""
    found = exchange.execute(
        "select sha256 from outbound.attachment where sha256 in ("
        " select jsonb_path_query(payload, '$.documents[*].sha256') #>> '{}' from outbound.administrative_penalty"
        " where batch_no = %s)",
        [batch.batch_no],
    ).fetchall()
    exchange.commit()
    return {str(sha256) for (sha256,) in found}


def read_items(own: psycopg.Connection, channel: str, record_ids: Sequence[str]) -> dict[str, Item]:
    """What is held of these records."""
    found = own.execute(
        "select record_id, record_type, version, op, payload_sha256, payload, published_on, visible"
        " from public_copy.item where channel = %s and record_id = any(%s)",
        [channel, list(record_ids)],
    )
    return {record_id: Item(*rest) for record_id, *rest in found}


def take_effect(
    own: psycopg.Connection, batch: Batch, items: Mapping[str, Item], receipts: Sequence[Receipt], hashes: Sequence[str]
) -> None:
    """Keep the new state, what was answered, and that the batch is done; the caller commits.

    Args:
        own: The receiver's database.
        batch: The batch.
        items: New state of the records that changed.
        receipts: One answer per row.
        hashes: ``row_hash`` of each row, in the order of ``receipts``.
    """
    with own.cursor() as cursor:
        cursor.executemany(
            "insert into public_copy.item (channel, record_id, record_type, version, op, payload_sha256, payload,"
            " published_on, visible) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (channel, record_id) do update set"
            " (version, op, payload_sha256, payload, published_on, visible, applied_at)"
            " = (excluded.version, excluded.op, excluded.payload_sha256, excluded.payload, excluded.published_on,"
            " excluded.visible, now())",
            [
                (batch.channel, record_id, i.record_type, i.version, i.op, i.row_hash, Jsonb(i.payload),
                 i.published_on, i.visible)
                for record_id, i in items.items()
            ],
        )  # fmt: skip
        cursor.executemany(
            "insert into public_copy.applied (channel, record_id, version, row_hash, verdict)"
            " values (%s, %s, %s, %s, %s) on conflict (channel, record_id, version)"
            " do update set (row_hash, verdict, applied_at) = (excluded.row_hash, excluded.verdict, now())",
            [
                (r.channel, r.record_id, r.version, row_hash, r.verdict)
                for r, row_hash in zip(receipts, hashes, strict=True)
            ],
        )
        cursor.executemany(
            "insert into public_copy.outgoing_receipt values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", receipts
        )
        cursor.execute("insert into public_copy.batch (batch_no) values (%s)", [batch.batch_no])


def outgoing_receipts(own: psycopg.Connection) -> list[Receipt]:
    """Receipts that have not reached the exchange for certain."""
    found = own.execute("select * from public_copy.outgoing_receipt order by receipt_id").fetchall()
    own.commit()
    return [Receipt(*row) for row in found]


def send_receipts(exchange: psycopg.Connection, receipts: Sequence[Receipt]) -> None:
    """Write receipts into the exchange; those that lie there already stay. Commits."""
    with exchange.cursor() as cursor:
        cursor.executemany(
            "insert into inbound.receipt (receipt_id, channel, batch_no, record_id, version, verdict, field,"
            " error_code, message, published_on, business_day, receiver_id)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (receipt_id) do nothing",
            [(*receipt, RECEIVER_ID) for receipt in receipts],
        )
    exchange.commit()


def forget_receipts(own: psycopg.Connection, receipts: Sequence[Receipt]) -> None:
    """Strike off receipts that need not be sent again. Commits."""
    numbers = [receipt.receipt_id for receipt in receipts]
    own.execute("delete from public_copy.outgoing_receipt where receipt_id = any(%s)", [numbers])
    own.commit()


def open_requests(exchange: psycopg.Connection) -> list[tuple[str, str]]:
    """(request, channel) of each question for the inventory that has no complete answer yet."""
    found = exchange.execute(
        "select request_id, channel from outbound.inventory_request as r"
        " where not exists (select from inbound.inventory_answer as a where a.request_id = r.request_id)"
        " order by asked_at"
    ).fetchall()
    exchange.commit()
    return [(str(request_id), str(channel)) for request_id, channel in found]


def answer_request(exchange: psycopg.Connection, own: psycopg.Connection, request_id: str, channel: str) -> None:
    """Answer with everything that is held, hashed from the content itself; one transaction in the exchange."""
    items = 0
    with exchange.transaction(), exchange.cursor() as out:
        for page in _pages(own, channel):
            items += len(page)
            out.executemany(
                "insert into inbound.inventory"
                " (request_id, record_id, version, op, payload_sha256, published_on, visible)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                [(request_id, name, version, op, sha256_of(shown), *rest) for name, version, op, shown, *rest in page],
            )
        out.execute("insert into inbound.inventory_answer (request_id, items) values (%s, %s)", [request_id, items])


def _pages(own: psycopg.Connection, channel: str) -> Iterator[list[tuple[Any, ...]]]:
    with own.transaction(), own.cursor("inventory") as held:
        held.execute(
            "select record_id, version, op, payload, published_on, visible from public_copy.item where channel = %s",
            [channel],
        )
        while page := held.fetchmany(_PAGE):
            yield page
