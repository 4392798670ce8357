"""The receiver's own database: its public copy, what it has processed, and the answers it has not sent yet."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch
from market_regulation.sandbox.receiver_state import Item

_PAGE = 1000

# Hashes of documents are computed from the bytes held, never copied from what a payload names.
_HELD = """
select i.record_id, i.version, i.op, i.record_type, i.published_on, i.visible,
    (
        select coalesce(string_agg(encode(sha256(a.content), 'hex'), ',' order by a.sha256), '')
        from public_copy.attachment as a
        where a.sha256 in (select jsonb_path_query(i.payload, '$.documents[*].sha256') #>> '{}')
    ) as attachments,
    i.payload
from public_copy.item as i
where i.channel = %(channel)s and i.record_id > %(after)s
order by i.record_id
limit %(most)s
"""

# Receipts are kept here in the transaction that takes effect, and deleted once they went out at their door.
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
    business_day date not null,
    door         text not null
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


class Held(NamedTuple):
    """One record as the receiver tells of it; ``attachments`` are hashes in ascending order, joined by commas."""

    record_id: str
    version: int
    op: str
    record_type: str
    payload_sha256: str
    published_on: dt.date | None
    visible: bool
    attachments: str
    payload: dict[str, Any]


def prepare(own: psycopg.Connection) -> None:
    """Make the table of outgoing receipts."""
    own.execute(_OUTGOING)
    own.commit()


def last_batches(own: psycopg.Connection) -> tuple[set[str], dict[str, str]]:
    """Numbers of all processed batches, and the last one of each pair of channel letters."""
    numbers = [str(number) for (number,) in own.execute("select batch_no from public_copy.batch order by processed_at")]
    own.commit()
    return set(numbers), {number[26:28]: number for number in numbers}


def read_items(own: psycopg.Connection, channel: str, record_ids: Sequence[str]) -> dict[str, Item]:
    """What is held of these records."""
    found = own.execute(
        "select record_id, record_type, version, op, payload_sha256, payload, published_on, visible"
        " from public_copy.item where channel = %s and record_id = any(%s)",
        [channel, list(record_ids)],
    )
    return {record_id: Item(*rest) for record_id, *rest in found}


def take_effect(
    own: psycopg.Connection,
    batch: Batch,
    items: Mapping[str, Item],
    receipts: Sequence[Receipt],
    hashes: Mapping[tuple[str, int], str],
    door: str,
) -> None:
    """Keep the new state, what was answered, and that the batch is done; the caller commits.

    Args:
        own: The receiver's database.
        batch: The batch.
        items: New state of the records that changed.
        receipts: One answer per row.
        hashes: ``row_hash`` of each row by record and version.
        door: Where the receipts are to go out.
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
                (r.channel, r.record_id, r.version, hashes[r.record_id, r.version], r.verdict)
                for r in receipts
                if r.record_id
            ],
        )
        cursor.executemany(
            "insert into public_copy.outgoing_receipt values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(*receipt, door) for receipt in receipts],
        )
        cursor.execute("insert into public_copy.batch (batch_no) values (%s)", [batch.batch_no])


def outgoing_receipts(own: psycopg.Connection, door: str) -> list[Receipt]:
    """Receipts that have not gone out at this door for certain."""
    found = own.execute("select * from public_copy.outgoing_receipt where door = %s order by receipt_id", [door])
    receipts = [Receipt(*row[:-1]) for row in found]
    own.commit()
    return receipts


def forget_receipts(own: psycopg.Connection, receipts: Sequence[Receipt]) -> None:
    """Strike off receipts that need not be sent again. Commits."""
    numbers = [receipt.receipt_id for receipt in receipts]
    own.execute("delete from public_copy.outgoing_receipt where receipt_id = any(%s)", [numbers])
    own.commit()


def held_items(own: psycopg.Connection, channel: str, after: str = "", most: int | None = None) -> Iterator[Held]:
    """Yield what is held of a channel, in order of record_id, hashed from the content itself.

    Args:
        own: The receiver's database.
        channel: The channel.
        after: Begin after this record.
        most: At most so many.
    """
    with own.transaction(), own.cursor("inventory") as found:
        found.itersize = _PAGE
        found.execute(_HELD, {"channel": channel, "after": after, "most": most})
        for record_id, version, op, record_type, published_on, visible, attachments, payload in found:
            yield Held(
                record_id, version, op, record_type, sha256_of(payload), published_on, visible, attachments, payload
            )


def store_documents(own: psycopg.Connection, documents: Iterable[bytes]) -> set[str]:
    """Keep documents by the hash of their content; return the hashes. The caller commits."""
    hashes = set()
    for content in documents:
        hashes.add(hashlib.sha256(content).hexdigest())
        own.execute(
            "insert into public_copy.attachment (sha256, content) values (encode(sha256(%(c)s), 'hex'), %(c)s)"
            " on conflict (sha256) do update set content = excluded.content",
            {"c": content},
        )
    return hashes
