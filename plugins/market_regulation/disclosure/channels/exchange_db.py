"""Transport through the exchange database (前置库): batches are written into ``outbound.*`` for the receiver to fetch.

A batch, its rows and its documents are one transaction, so a crash leaves nothing half written: a batch that lies there
was sent. Answers come back in ``inbound.*``.
"""

import datetime as dt
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from market_regulation import settings
from market_regulation.disclosure import feed
from market_regulation.disclosure.channels.contract import (
    BatchAlteredError,
    BatchRefusedError,
    Head,
    Inventory,
    InventoryUnansweredError,
    Receipt,
    Shown,
)
from market_regulation.disclosure.parcel import Form, Parcel
from market_regulation.failpoints import hit

_NULL = b"\\N\n"  # as COPY writes it in its text format, at the end of a line
_FORM = Form(
    line="""concat_ws(chr(9), r.record_id, r.version, b.batch_no, b.channel, r.op, coalesce(r.reason_code, '\\N'),
        b.business_day, r.payload_sha256, replace(p.public::text, '\\', '\\\\'), '\\N')""",
    with_exchange=lambda line, text: line.removesuffix(_NULL) + text.replace("\\", "\\\\").encode() + b"\n",
)

_HEADS = """
select batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day,
    first_event_on, last_event_on
from outbound.batch
where channel = %(channel)s and not batch_no = any(%(known)s)
order by created_at
"""

_ENTER = """
insert into outbound.batch (
    batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day, first_event_on,
    last_event_on
)
values (
    %(batch_no)s, %(channel)s, %(rows)s, %(content_sha256)s, %(previous_batch)s, %(schema_version)s, %(chain_head)s,
    %(business_day)s, %(first_event_on)s, %(last_event_on)s
)
on conflict do nothing
"""

# The head and, computed from the rows themselves, the hash of what lies there under its number.
_LIES_THERE = """
select count(*), encode(sha256(convert_to(string_agg(
    concat_ws(',', record_id, version, op, row_hash) || chr(10), '' order by record_id collate "C", version
), 'UTF8')), 'hex')
from outbound.sending
where batch_no = %(batch_no)s
"""

_ROWS_IN = """
copy outbound.{} (
    record_id, version, batch_no, channel, op, reason_code, effective_on, row_hash, payload, exchange
) from stdin
"""

_MISSING = """
select w.sha256 from unnest(%s::text[]) as w (sha256)
where not exists (select from outbound.attachment as a where a.sha256 = w.sha256)
"""

_SEEN = "create temporary table if not exists seen (receipt_id text primary key)"

_RECEIPTS = """
with news as (
    insert into seen
    select r.receipt_id
    from inbound.receipt as r
    where r.channel = %(channel)s
        and r.received_at >= %(since)s
        and not exists (select from seen as s where s.receipt_id = r.receipt_id)
    returning receipt_id
)

select
    r.receipt_id, r.channel, r.batch_no, r.record_id, r.version, r.verdict, r.field, r.error_code, r.message,
    r.receiver_id, r.published_on, r.business_day, r.received_at
from inbound.receipt as r
inner join news using (receipt_id)
"""

_ASK = """
insert into outbound.inventory_request (request_id, channel, business_day, with_content)
values (%(request_id)s, %(channel)s, %(day)s, %(with_content)s)
returning asked_at
"""

_ANSWERED = """
select a.items, (select count(*) from inbound.inventory as i where i.request_id = a.request_id)
from inbound.inventory_answer as a
where a.request_id = %(request_id)s
"""

_SHOWN = """
select record_id, version, op, record_type, payload_sha256, published_on, visible, attachments, payload::text
from inbound.inventory
where request_id = %(request_id)s
"""

# Answers are as large as the public set; they are removed once read, and with them those that nobody waited for.
_REMOVE_ANSWERS = """
delete from inbound.inventory
where request_id in (
    select r.request_id
    from outbound.inventory_request as r
    inner join outbound.inventory_request as mine using (channel)
    where mine.request_id = %(request_id)s and r.asked_at <= mine.asked_at
)
"""

_DICTIONARY = """
insert into outbound.dictionary as d (channel, schema_version, content) values (%s, %s, %s)
on conflict (channel, schema_version) do update set content = excluded.content where d.content <> excluded.content
"""


@contextmanager
def connect(channel: str) -> "Iterator[ExchangeDb]":
    """Open the exchange database for a channel."""
    with psycopg.connect(settings.dsn("exchange", "publisher")) as connection:
        yield ExchangeDb(channel, connection)


class ExchangeDb:
    """A channel's side of the exchange database."""

    def __init__(self, channel: str, connection: psycopg.Connection) -> None:
        self._channel = channel
        self._connection = connection

    def heads(self, known: Collection[str]) -> list[Head]:
        """Return the heads of batches that are not known, in the order they were written."""
        with self._connection.cursor(row_factory=class_row(Head)) as cursor:
            found = cursor.execute(_HEADS, {"channel": self._channel, "known": list(known)}).fetchall()
        self._connection.commit()
        return found

    def write(self, head: Head, parcel: Parcel) -> None:
        """Write the batch, its rows and documents in one transaction, unless it lies there already.

        Raises:
            BatchAlteredError: Under this number lies another content.
            BatchRefusedError: A table does not take what it is given; nothing was written.
            psycopg.Error: Nothing was written, or (connection lost at commit) it is not known whether it was.
        """
        table = "batch"
        try:
            with self._connection.transaction():
                if self._connection.execute(_ENTER, vars(head)).rowcount == 0:
                    self._check_unaltered(head)
                    return
                for table in parcel.record_types():
                    self._copy(parcel, table)
                hit("exchange.rows_written")
                table = "attachment"
                self._write_documents(parcel)
                hit("exchange.before_commit")
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            # what the server says of a row it refuses names the row, so it goes no further
            name = error.diag.constraint_name or error.diag.column_name or "a value"
            raise BatchRefusedError(f"outbound.{table} refuses a row ({error.sqlstate}, {name})") from None
        hit("exchange.committed")

    def _copy(self, parcel: Parcel, record_type: str) -> None:
        into = sql.SQL(_ROWS_IN).format(sql.Identifier(record_type))
        with (
            self._connection.cursor() as cursor,
            cursor.copy(into) as copy,
            closing(parcel.blocks(_FORM, record_type)) as blocks,
        ):
            for block in blocks:
                copy.write(block)

    def receipts(self, since: dt.datetime) -> Iterator[Receipt]:
        """Yield the answers since then that this connection has not yielded yet."""
        self._connection.execute(_SEEN)
        with self._connection.cursor() as cursor:
            cursor.execute(_RECEIPTS, {"channel": self._channel, "since": since})
            yield from map(Receipt._make, cursor)
        self._connection.commit()

    def inventory(self, request_id: str, day: dt.date, *, with_content: bool) -> Inventory:
        """Ask for the inventory and wait for it, at most ``$RECEIPT_WAIT_SECONDS``."""
        values = {"request_id": request_id, "channel": self._channel, "day": day, "with_content": with_content}
        ((asked_at,),) = self._connection.execute(_ASK, values).fetchall()
        self._connection.commit()
        hit("exchange.asked")
        end = time.monotonic() + feed.receipt_wait()
        while True:
            answer = self._connection.execute(_ANSWERED, values).fetchone()
            self._connection.commit()
            if answer is not None and answer[0] == answer[1]:
                return Inventory(asked_at, self._read(values))
            if time.monotonic() > end:
                said = "no answer" if answer is None else f"{answer[1]} of {answer[0]} items"
                raise InventoryUnansweredError(
                    f"inventory {request_id}: {said} within {feed.receipt_wait():g} s, nothing was compared;"
                    " see whether the receiver is up and run again"
                )
            time.sleep(feed.POLL)

    def ship_dictionary(self, version: str, text: str) -> None:
        """Lay the data dictionary into ``outbound.dictionary``."""
        self._connection.execute(_DICTIONARY, (self._channel, version, text))
        self._connection.commit()

    def _check_unaltered(self, head: Head) -> None:
        found = self._connection.execute(_LIES_THERE, vars(head)).fetchone()
        if found != (head.rows, head.content_sha256):
            raise BatchAlteredError(
                f"batch {head.batch_no} lies in the exchange with another content than the ledger's"
            )

    def _write_documents(self, parcel: Parcel) -> None:
        """Copy those documents that the exchange does not hold yet; they are stored by the hash of their content."""
        missing = [sha256 for (sha256,) in self._connection.execute(_MISSING, [parcel.documents_named()])]
        for document in parcel.documents(missing):
            self._connection.execute("insert into outbound.attachment values (%s, %s, %s)", document)

    def _read(self, values: dict[str, Any]) -> Iterator[Shown]:
        with self._connection.cursor("inventory") as cursor:
            cursor.execute(_SHOWN, values)
            yield from map(Shown._make, cursor)
        self._connection.execute(_REMOVE_ANSWERS, values)
        self._connection.commit()
