"""The content of one batch, read from the warehouse in bounded memory in whatever form a transport writes."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql

from market_regulation.disclosure import exchange_part
from market_regulation.disclosure.channels.contract import BatchRefusedError
from market_regulation.disclosure.exchange_keys import KeyErasedError, KeyFileError

BLOCK = 1 << 20  # bytes, more by at most one row
ExchangeFields = Mapping[tuple[str, int], Mapping[str, str]]

_TYPES = """
select distinct r.record_type
from disclosure.sending as s
inner join disclosure.record as r using (record_id, version)
where s.batch_no = %(batch_no)s
order by 1
"""

# Blocks of whole lines, cut where the sum of their lengths passes a multiple of the size. One row of the answer per
# record would cost more in passing it on than all else that is done with it. `offset 0` lets each line be made once.
_BLOCKS = """
select min(record_id), min(version), convert_to(string_agg(line, '' order by place), 'UTF8')
from (
    select record_id, version, line, row_number() over in_order as place, sum(octet_length(line)) over in_order as size
    from (
        select record_id, version, {line} || chr(10) as line
        from disclosure.sending as s
        inner join disclosure.record as r using (record_id, version)
        inner join disclosure.payload as p using (payload_sha256)
        inner join disclosure.batch as b using (batch_no)
        where s.batch_no = %(batch_no)s and (%(record_type)s::text is null or r.record_type = %(record_type)s)
        offset 0
    ) as lines
    window in_order as (order by record_id collate "C", version rows unbounded preceding)
) as placed
group by size / %(block)s
order by size / %(block)s
"""

_WITH_EXCHANGE_PART = """
select record_id, version
from disclosure.sending
inner join private.exchange_part using (record_id, version)
where batch_no = %s
"""

_NAMED = """
select distinct a.sha256_public
from disclosure.sending as s
inner join disclosure.attachment as a using (record_id, version)
where s.batch_no = %(batch_no)s
order by 1
"""

_DOCUMENTS = (
    "select sha256, media_type, content from disclosure.public_document where sha256 = any(%(wanted)s) order by sha256"
)


class Document(NamedTuple):
    """A document by the hash of its content."""

    sha256: str
    media_type: str
    content: bytes


class Form(NamedTuple):
    """How a transport wants its rows.

    Attributes:
        line: SQL expression of a row as one line of text, over r (ledger), p (payload), b (batch). The text of a
            payload holds no line feed and no tab: ``jsonb`` escapes them.
        with_exchange: Adds the exchange fields (JSON text) to a line.
    """

    line: LiteralString
    with_exchange: Callable[[bytes, str], bytes]


def exchange_fields(warehouse: psycopg.Connection, batch_no: str) -> ExchangeFields:
    """Return the decrypted fields that only the exchange may carry, by record and version (domain.md A8).

    They join the rows at the moment of sending and are part of no hash.

    Raises:
        BatchRefusedError: Some part cannot be opened, as long as there is no key file any; it names those whose key was
            erased or that were changed.
    """
    versions = warehouse.execute(_WITH_EXCHANGE_PART, [batch_no]).fetchall()
    try:
        return exchange_part.reveal(warehouse, versions) if versions else {}
    except KeyFileError as error:
        raise BatchRefusedError(str(error)) from error
    except (KeyErasedError, ValueError) as error:
        raise BatchRefusedError(str(error), exchange_part.closed_for_ever(warehouse, versions)) from error


class Parcel:
    """The rows and documents of one batch."""

    def __init__(self, warehouse: psycopg.Connection, batch_no: str) -> None:
        self._warehouse = warehouse
        self._batch = {"batch_no": batch_no}

    def record_types(self) -> list[str]:
        """Return the record types in the batch, in order of their names."""
        return [str(name) for (name,) in self._warehouse.execute(_TYPES, self._batch)]

    def blocks(self, form: Form, record_type: str | None = None) -> Generator[bytes, None, None]:
        """Yield the rows in blocks of whole lines, all or those of one type, in order of record_id and version.

        The bytes are the same each time.

        Raises:
            BatchRefusedError: A row's sealed exchange part cannot be opened; nothing was yielded.
        """
        extra = exchange_fields(self._warehouse, self._batch["batch_no"])
        query = sql.SQL(_BLOCKS).format(line=sql.SQL(form.line))
        values = {**self._batch, "record_type": record_type, "block": 1 if extra else BLOCK}
        with self._warehouse.cursor() as cursor:
            for record_id, version, block in cursor.stream(query, values, binary=True):
                fields = extra.get((record_id, version))  # where there are any, a block is one line
                yield form.with_exchange(block, _json(fields)) if fields else block

    def documents_named(self) -> list[str]:
        """Return the hashes of all documents that go with the rows, in ascending order."""
        return [str(sha256) for (sha256,) in self._warehouse.execute(_NAMED, self._batch)]

    def documents(self, wanted: list[str]) -> Iterator[Document]:
        """Yield these documents one by one."""
        with self._warehouse.cursor("documents") as cursor:
            cursor.itersize = 1
            cursor.execute(_DOCUMENTS, {"wanted": wanted})
            yield from map(Document._make, cursor)


def _json(fields: Mapping[str, str]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
