"""Transport through the receiver's HTTP API, as ``disclosure/openapi.json`` describes it.

``PUT /batches/{batch_no}`` carries the head and the rows, one JSON object per line; the number is the idempotency key
of the batch, (record_id, version, row_hash) that of a row. Documents go before it to ``/attachments/{sha256}``. A
time-out, a server error, a cut or foreign answer mean *unknown*: the same number with the same bytes is put again.
Only an answer that repeats number, rows and hash of the bytes says that the batch lies there, and only a refusal signed
as agreed says that it does not.
"""

import dataclasses
import datetime as dt
import hashlib
import io
import json
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any

from market_regulation.disclosure.channels import account, batch_file
from market_regulation.disclosure.channels.contract import (
    BatchAlteredError,
    BatchRefusedError,
    ChannelError,
    Head,
    Inventory,
    InventoryUnansweredError,
    Receipt,
    Shown,
)
from market_regulation.disclosure.channels.http_calls import Body, Calls, RefusedError, client, keys
from market_regulation.disclosure.parcel import Document, Form, Parcel
from market_regulation.failpoints import hit

IN_MEMORY = 32 << 20  # bytes of one batch; what is larger goes to a file without a name
_CONFLICT = 409
_OF_THE_LINE = {401, 403, 404, 405, 407, 408, 425, 429}  # refuse the sender, the address or the moment, not the content
_PAGE = "1000"
_FORM = Form(
    line="""json_build_object(
        'record_id', r.record_id, 'version', r.version, 'record_type', r.record_type, 'op', r.op,
        'reason_code', r.reason_code, 'effective_on', b.business_day, 'row_hash', r.payload_sha256, 'payload', p.public
    )""",
    with_exchange=lambda line, text: line.removesuffix(b"}\n") + b', "exchange" : ' + text.encode() + b"}\n",
)


@contextmanager
def connect(channel: str) -> "Iterator[HttpApi]":
    """Make ready to call the channel's API.

    Raises:
        ChannelError: Its address or a key is not known.
    """
    base, signing = account.address(channel, "HTTP_URL"), keys(channel)
    with client() as connection:
        yield HttpApi(channel, Calls(connection, base, signing))


class HttpApi:
    """A channel's calls for one run."""

    def __init__(self, channel: str, calls: Calls) -> None:
        self._channel, self._calls = channel, calls
        self._receipts_after = ""

    def heads(self, known: Collection[str]) -> list[Head]:
        """Return the heads of batches that are not known, in the order they were received."""
        found = [batch_file.read_manifest(json.dumps(item)) for item in self._all("/batches", {})]
        return [head for head in found if head.batch_no not in known]

    def write(self, head: Head, parcel: Parcel) -> None:
        """Put the documents that are missing, then the batch.

        Raises:
            BatchAlteredError: Another content lies there under this number.
            BatchRefusedError: The receiver refuses the batch, or a document of it.
        """
        named = parcel.documents_named()
        missing = [sha256 for sha256 in named if not self._has("/attachments/" + sha256)]
        for document in parcel.documents(missing):
            with _judging(BatchRefusedError):
                self._put_document(document)
        hit("http.documents_written")
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            body = _body(file, _lines(head, parcel), "application/x-ndjson")
            hit("http.before_put")
            with _judging(BatchAlteredError):
                said = self._calls.put(f"/batches/{head.batch_no}", body, {"Idempotency-Key": head.batch_no})
        hit("http.answered")
        expected = {"batch_no": head.batch_no, "rows": head.rows, "sha256": body.sha256}
        if {name: said.get(name) for name in expected} != expected:
            raise ChannelError(f"batch {head.batch_no}: the answer is to something else: unknown whether it was taken")

    def receipts(self, since: dt.datetime) -> Iterator[Receipt]:
        """Yield the answers since then that this run has not yielded yet."""
        while True:
            query = {"since": since.isoformat(), "limit": _PAGE, "after": self._receipts_after}
            page = self._get("/receipts", query)
            items = _list(page)
            yield from batch_file.readable(map(_texts, items), f"receipts of {self._channel} after {query['after']!r}")
            if not items:
                return
            self._receipts_after = str(page["next"])

    def inventory(self, request_id: str, day: dt.date, *, with_content: bool) -> Inventory:
        """Read the inventory page by page; asking is reading, so there is nothing to wait for."""
        query = {"with_content": str(with_content).lower(), "request_id": request_id, "business_day": day.isoformat()}
        first = self._get("/inventory", {**query, "limit": "1"})
        hit("http.asked")
        taken_at = dt.datetime.fromisoformat(first["taken_at"])
        return Inventory(taken_at, self._items(request_id, query, int(first["total"])))

    def ship_dictionary(self, version: str, text: str) -> None:
        """Put the data dictionary beside the batches."""
        with io.BytesIO() as file:
            self._calls.put(f"/dictionary/{self._channel}/{version}", _body(file, [text.encode()], "text/csv"), {})

    def _items(self, request_id: str, query: dict[str, str], total: int) -> Iterator[Shown]:
        count = 0
        for item in self._all("/inventory", query):
            count += 1
            yield batch_file.shown_of(_texts(item))
        if count < total:
            raise InventoryUnansweredError(f"inventory {request_id}: {count} of {total} items: nothing was compared")

    def _all(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        after: str | None = ""
        while after is not None:
            page = self._get(path, {**query, "limit": _PAGE, "after": after})
            yield from _list(page)
            after = page.get("next")

    def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        return self._calls.get(path, {**query, "channel": self._channel})

    def _has(self, path: str) -> bool:
        return bool(self._calls.get(path, {}).get("is_held"))

    def _put_document(self, document: Document) -> None:
        with io.BytesIO() as file:
            body = _body(file, [document.content], document.media_type)
            said = self._calls.put(f"/attachments/{document.sha256}", body, {"Idempotency-Key": document.sha256})
        if said.get("sha256") != document.sha256:
            raise ChannelError(f"document {document.sha256}: the answer is to something else")


@contextmanager
def _judging(conflict: type[ChannelError]) -> Iterator[None]:
    """Tell apart what a refusal is about: another content that lies there, the content itself, or only the line.

    ``conflict`` is raised where the receiver holds another content under the same name.
    """
    try:
        yield
    except RefusedError as error:
        if error.status == _CONFLICT:
            raise conflict(f"{error}: the receiver holds another content than the ledger's") from error
        if error.status not in _OF_THE_LINE:
            raise BatchRefusedError(str(error)) from error
        raise


def _lines(head: Head, parcel: Parcel) -> Iterator[bytes]:
    """Yield the head and each row as one line of JSON."""
    yield json.dumps(dataclasses.asdict(head), ensure_ascii=False, default=str).encode() + b"\n"
    yield from parcel.blocks(_FORM)


def _body(file: IO[bytes], blocks: Collection[bytes] | Iterator[bytes], media_type: str) -> Body:
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        size += file.write(block)
    return Body(file, size, digest.hexdigest(), media_type)


def _list(page: dict[str, Any]) -> list[dict[str, Any]]:
    items = page.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ChannelError("a page without a list of items")
    return items


def _texts(item: dict[str, Any]) -> dict[str, str | None]:
    """Return the members as text; an object as its JSON text."""
    return {name: value if value is None else _text(value) for name, value in item.items()}


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
