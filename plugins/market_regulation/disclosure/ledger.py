"""Proof that the ledger is as it was written: its own chain, its payloads, and the heads that receivers hold.

The chain shows a changed, removed, swapped or inserted row. Whoever rebuilds the whole chain, or restores an old state,
is exposed by the witnesses: each batch carries the head of the ledger at its time, and lies with the receiver.
"""

import logging
from collections.abc import Iterator

import psycopg

from market_regulation import settings
from market_regulation.disclosure import batches
from market_regulation.disclosure.channels.contract import connect

log = logging.getLogger(__name__)

_PAYLOADS = """
select payload_sha256 from disclosure.payload where payload_sha256 <> disclosure.payload_sha256(public) order by 1
"""

_EXCHANGE_PARTS = """
select coalesce(r.seq, 0), coalesce(r.record_id, e.record_id)
from (select * from disclosure.record where exchange_sha256 is not null) as r
full join private.exchange_part as e on r.record_id = e.record_id and r.version = e.version
where r.exchange_sha256 is distinct from encode(sha256(e.ciphertext), 'hex')
order by 1, 2
"""

_CONTRADICTED = """
select w.batch_no, w.seq
from unnest(%(batches)s::text[], %(seqs)s::bigint[], %(hashes)s::text[]) as w (batch_no, seq, row_sha256)
left join disclosure.record as r on w.seq = r.seq
where w.seq > 0 and r.row_sha256 is distinct from w.row_sha256
order by w.seq
"""


class LedgerBrokenError(RuntimeError):
    """The ledger is not as it was written; the message says where."""


def verify() -> int:
    """Check the whole ledger and return the number of its rows.

    Raises:
        LedgerBrokenError: Something was changed; the message names each place found.
        ChannelError: A receiver, and with it a witness, cannot be reached.
        psycopg.Error: A database cannot be read.
    """
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        problems = [*_own_problems(warehouse), *_contradictions(warehouse, _witnesses(warehouse))]
        ((rows,),) = warehouse.execute("select count(*) from disclosure.record").fetchall()
    if problems:
        raise LedgerBrokenError("the ledger was tampered with: " + "; ".join(problems))
    log.info("ledger: %d rows, chain, payloads and witnesses agree", rows)
    return int(rows)


def _own_problems(warehouse: psycopg.Connection) -> Iterator[str]:
    for seq, problem in warehouse.execute("select seq, problem from disclosure.broken_link()"):
        yield f"row {seq}: {problem}"
    for (payload_sha256,) in warehouse.execute(_PAYLOADS):
        yield f"payload {payload_sha256}: content differs from its hash"
    for seq, record_id in warehouse.execute(_EXCHANGE_PARTS):
        yield f"row {seq}: the exchange part of record {record_id} is not the one that was sealed"


def _witnesses(warehouse: psycopg.Connection) -> list[tuple[str, str, str]]:
    """Return (batch, number of a ledger row, its hash) as each batch at each receiver says."""
    found: list[tuple[str, str, str]] = []
    for channel, transport in batches.enabled(warehouse).items():
        with connect(channel, transport) as link:
            for head in link.heads(()):
                seq, _, row_sha256 = head.chain_head.partition(":")
                found.append((head.batch_no, seq, row_sha256))
    return sorted(found)


def _contradictions(warehouse: psycopg.Connection, witnesses: list[tuple[str, str, str]]) -> Iterator[str]:
    """Say where a batch that left the building names another row than the ledger has at its place."""
    columns = {name: [row[i] for row in witnesses] for i, name in enumerate(("batches", "seqs", "hashes"))}
    for batch_no, seq in warehouse.execute(_CONTRADICTED, columns):
        yield f"row {seq}: batch {batch_no} witnesses another row"
