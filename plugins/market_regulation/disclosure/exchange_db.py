"""Channel through the exchange database (前置库): batches are written into ``outbound.*`` for the receiver to fetch.

A batch, its rows and its documents are one transaction. A version is written at most once per sending key, so a crash
between this database and the warehouse leaves nothing to guess: what is found there with the same hash was sent.
Both functions read what to send from the session's table ``taken``, which ``deliver`` fills.
"""

import datetime as dt
from typing import NamedTuple

import psycopg
from psycopg import sql

from market_regulation.disclosure.feed import SCHEMA_VERSION, source_uscc
from market_regulation.disclosure.pipe import pipe
from market_regulation.failpoints import hit

_TRIED = """
create temporary table if not exists tried (record_id text, version integer, sending_key text, row_hash text)
on commit delete rows
"""

_TRIED_OUT = "copy (select record_id, version, sending_key, row_hash from taken where attempts > 1) to stdout"

_FOUND = """
select record_id, version, s.batch_no, s.written_at, s.row_hash = t.row_hash
from tried as t
inner join outbound.sending as s using (record_id, version, sending_key)
"""

_SUMMARY = """
select
    count(*) as rows,
    encode(sha256(convert_to(string_agg(
        concat_ws(',', record_id, version, op, row_hash) || chr(10), '' order by record_id collate "C", version
    ), 'UTF8')), 'hex') as content_sha256,
    (select seq || ':' || row_sha256 from disclosure.chain_head) as chain_head
from taken
"""

# The row lock makes writers of one channel queue, so numbers have no gaps and each batch names the one before.
_NUMBER = """
with mine as (
    select %(source)s || to_char(%(day)s::date, 'YYYYMMDD') || letters as prefix, last_batch
    from outbound.channel
    where channel = %(channel)s
    for update
)
select
    prefix || to_char(1 + coalesce((
        select max(right(b.batch_no, 4)::integer) from outbound.batch as b where starts_with(b.batch_no, prefix)
    ), 0), 'FM0000'),
    last_batch
from mine
"""

_BATCH = """
insert into outbound.batch
    (batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day)
values (%(batch_no)s, %(channel)s, %(rows)s, %(content_sha256)s, %(previous)s, %(schema)s, %(chain_head)s, %(day)s)
"""

_ROWS_OUT = """
copy (
    select t.record_id, t.version, %(batch_no)s, %(channel)s, t.op, t.reason_code, %(day)s::date, t.row_hash,
        p.public, t.sending_key
    from taken as t
    inner join disclosure.payload as p on t.row_hash = p.payload_sha256
    where t.record_type = %(record_type)s
) to stdout
"""

_ROWS_IN = """
copy outbound.{} (
    record_id, version, batch_no, channel, op, reason_code, effective_on, row_hash, payload, sending_key
) from stdin
"""

_DOCUMENTS = """
select distinct a.sha256_public
from taken as t
inner join disclosure.attachment as a using (record_id, version)
"""

_DOCUMENTS_OUT = """
copy (select sha256, media_type, content from disclosure.public_document where sha256 = any(%(missing)s))
to stdout (format binary)
"""

_DOCUMENTS_IN = "copy outbound.attachment (sha256, media_type, content) from stdin (format binary)"


class Written(NamedTuple):
    """A version found in the exchange database: in which batch, since when, and whether with the content we mean."""

    record_id: str
    version: int
    batch_no: str
    written_at: dt.datetime
    is_same: bool


def find_written(warehouse: psycopg.Connection, exchange: psycopg.Connection) -> list[Written]:
    """Return those rows of ``taken`` that an earlier try, whose outcome was unknown, did write."""
    exchange.execute(_TRIED)
    pipe(warehouse.cursor(), _TRIED_OUT, exchange.cursor(), "copy tried from stdin")
    exchange.execute("analyze tried")
    found = [Written._make(row) for row in exchange.execute(_FOUND)]
    exchange.commit()
    return found


def write(warehouse: psycopg.Connection, exchange: psycopg.Connection, channel: str, day: dt.date) -> str:
    """Write the rows of ``taken`` (at least one) with their documents as one batch; return its number. Commits there.

    Raises:
        psycopg.Error: Nothing was written, or (connection lost at commit) it is not known whether it was.
    """
    number = {"source": source_uscc(), "channel": channel, "day": day}
    row = exchange.execute(_NUMBER, number).fetchone()
    if row is None:
        raise LookupError(f"outbound.channel has no row {channel!r}: add it with the letters of its batch numbers")
    batch_no, previous = row
    (summary,) = warehouse.execute(_SUMMARY).fetchall()
    values = {"batch_no": batch_no, "channel": channel, "day": day}
    head = dict(zip(("rows", "content_sha256", "chain_head"), summary, strict=True))
    exchange.execute(_BATCH, {**values, **head, "previous": previous, "schema": SCHEMA_VERSION})
    for (record_type,) in warehouse.execute("select distinct record_type from taken").fetchall():
        into = sql.SQL(_ROWS_IN).format(sql.Identifier(record_type))
        pipe(warehouse.cursor(), _ROWS_OUT, exchange.cursor(), into, {**values, "record_type": record_type})
    hit("exchange.rows_written")
    _write_documents(warehouse, exchange)
    exchange.execute("update outbound.channel set last_batch = %(batch_no)s where channel = %(channel)s", values)
    hit("exchange.before_commit")
    exchange.commit()
    return str(batch_no)


def _write_documents(warehouse: psycopg.Connection, exchange: psycopg.Connection) -> None:
    """Copy those documents that the exchange does not hold yet; they are stored by the hash of their content."""
    needed = [sha256 for (sha256,) in warehouse.execute(_DOCUMENTS)]
    present = exchange.execute("select sha256 from outbound.attachment where sha256 = any(%s)", [needed])
    missing = list(set(needed) - {sha256 for (sha256,) in present})
    if missing:
        pipe(warehouse.cursor(), _DOCUMENTS_OUT, exchange.cursor(), _DOCUMENTS_IN, {"missing": missing})
