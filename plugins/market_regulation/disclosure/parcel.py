"""The content of one batch, read from the warehouse in bounded memory in whatever form a transport writes."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql

from market_regulation.disclosure import exchange_part

ExchangeFields = Mapping[tuple[str, int], Mapping[str, str]]

_TYPES = """
select distinct r.record_type
from disclosure.sending as s
inner join disclosure.record as r using (record_id, version)
where s.batch_no = %(batch_no)s
order by 1
"""

_LINES = """
copy (
    select r.record_id, r.version, {columns}, null as exchange
    from disclosure.sending as s
    inner join disclosure.record as r using (record_id, version)
    inner join disclosure.payload as p using (payload_sha256)
    inner join disclosure.batch as b using (batch_no)
    where s.batch_no = %(batch_no)s and (%(record_type)s::text is null or r.record_type = %(record_type)s)
    order by r.record_id collate "C", r.version
) to stdout ({options})
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
        columns: SQL expressions after record_id and version, over r (ledger), p (payload), b (batch).
        options: Options of COPY.
        separator: What stands between two columns.
        null: How an absent last column is written.
        exchange: Writes the exchange fields (JSON text) as the last column.
    """

    columns: LiteralString
    options: LiteralString
    separator: bytes
    null: bytes
    exchange: Callable[[str], bytes]


def exchange_fields(warehouse: psycopg.Connection, batch_no: str) -> ExchangeFields:
    """Return the decrypted fields that only the exchange may carry, by record and version (domain.md A8).

    They join the rows at the moment of sending and are part of no hash.

    Raises:
        KeyErasedError: The key of a part was erased; the batch cannot be written any more.
    """
    versions = warehouse.execute(
        "select record_id, version from disclosure.sending where batch_no = %s", [batch_no]
    ).fetchall()
    return exchange_part.reveal(warehouse, versions)


class Parcel:
    """The rows and documents of one batch."""

    def __init__(self, warehouse: psycopg.Connection, batch_no: str) -> None:
        self._warehouse = warehouse
        self._batch = {"batch_no": batch_no}

    def record_types(self) -> list[str]:
        """Return the record types in the batch, in order of their names."""
        return [str(name) for (name,) in self._warehouse.execute(_TYPES, self._batch)]

    def lines(self, form: Form, record_type: str | None = None) -> Iterator[bytes]:
        """Yield the rows, all or those of one type, in order of record_id and version; the same each time."""
        extra = exchange_fields(self._warehouse, self._batch["batch_no"])
        query = sql.SQL(_LINES).format(columns=sql.SQL(form.columns), options=sql.SQL(form.options))
        values = {**self._batch, "record_type": record_type}
        with self._warehouse.cursor() as cursor, cursor.copy(query, values) as rows:
            for row in rows:
                yield _with_exchange(bytes(row), extra, form) if extra else bytes(row)

    def documents_named(self) -> list[str]:
        """Return the hashes of all documents that go with the rows, in ascending order."""
        return [str(sha256) for (sha256,) in self._warehouse.execute(_NAMED, self._batch)]

    def documents(self, wanted: list[str]) -> Iterator[Document]:
        """Yield these documents one by one."""
        with self._warehouse.cursor("documents") as cursor:
            cursor.itersize = 1
            cursor.execute(_DOCUMENTS, {"wanted": wanted})
            yield from map(Document._make, cursor)


def _with_exchange(row: bytes, extra: ExchangeFields, form: Form) -> bytes:
    record_id, version, _ = row.split(form.separator, 2)
    fields = extra.get((record_id.decode(), int(version)))
    if fields is None:
        return row
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return row[: -1 - len(form.null)] + form.exchange(text) + b"\n"
