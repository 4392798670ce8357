"""Transport through files on the receiver's SFTP server (domain.md 8.4; GB/T 39443 5.5, file mode).

In the channel's folder lie, for each batch, ``{batch}.csv``, ``{batch}.manifest.json`` and, written last by rename,
``{batch}.done``: what has no ``.done`` is not there. Documents lie in ``attachments/{sha256}`` before that. The
receiver leaves all of it in place and answers in ``receipts/*.csv``. A question for the inventory is
``inventory/{request}.request.json``; the answer ``{request}.csv`` is whole when ``{request}.done`` counts its items.
"""

import asyncio
import csv
import datetime as dt
import io
import json
import logging
import tempfile
import time
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from market_regulation.disclosure import feed
from market_regulation.disclosure.channels import account, batch_file
from market_regulation.disclosure.channels.contract import (
    BatchAlteredError,
    ChannelError,
    Head,
    Inventory,
    InventoryUnansweredError,
    Receipt,
    Shown,
    in_order,
)
from market_regulation.disclosure.parcel import Parcel
from market_regulation.failpoints import hit
from market_regulation.sources.fetch_error import FetchError, Place
from market_regulation.sources.sftp_login import login

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SFTPClientFile

IN_MEMORY = 32 << 20  # bytes of one batch; what is larger goes to a file without a name
_BLOCK = 1 << 20

log = logging.getLogger(__name__)
T = TypeVar("T")


@contextmanager
def connect(channel: str) -> "Iterator[SftpBatch]":
    """Log in to the channel's SFTP server.

    Raises:
        ChannelError: The server is not known, is not who it was, cannot be reached or refuses.
    """
    origin, known_hosts, password = account.sftp(channel)
    place = Place(channel, f"sftp://{origin.host}:{origin.port}{origin.folder}")
    with asyncio.Runner() as runner:
        try:
            connection, client = runner.run(login(origin, place, known_hosts, password))
        except FetchError as error:
            raise ChannelError(str(error)) from error
        try:
            link = SftpBatch(runner, client, origin.folder.rstrip("/"), place)
            link.make_folders()
            yield link
        finally:
            connection.abort()
            runner.run(connection.wait_closed())


class SftpBatch:
    """A channel's folder on the server."""

    def __init__(self, runner: asyncio.Runner, client: "SFTPClient", folder: str, place: Place) -> None:
        self._runner, self._client, self._folder, self._place = runner, client, folder, place
        self._read: set[str] = set()

    def make_folders(self) -> None:
        """Make the folders of the contract where they are missing."""
        for name in ("attachments", "receipts", "inventory", "dictionary"):
            self._do(partial(self._client.makedirs, f"{self._folder}/{name}", exist_ok=True))

    def heads(self, known: Collection[str]) -> list[Head]:
        """Return the heads of batches that are not known, in the order in which they name each other."""
        names = self._do(lambda: self._client.listdir(self._folder))
        numbers = {str(name).removesuffix(".done") for name in names if str(name).endswith(".done")} - set(known)
        heads = {number: self._head(number) for number in numbers}
        for number in sorted(number for number, head in heads.items() if head is None or head.batch_no != number):
            log.error("%s: batch %s has no manifest of its own: it is none of ours", self._place.address, number)
        return in_order([head for number, head in heads.items() if head and head.batch_no == number])

    def write(self, head: Head, parcel: Parcel) -> None:
        """Upload documents, rows and manifest, then ``.done``; a batch that has its ``.done`` is left.

        Raises:
            BatchAlteredError: The manifest that lies there is another one.
        """
        if self._exists(f"{head.batch_no}.done"):
            if self._head(head.batch_no) != head:
                raise BatchAlteredError(
                    f"batch {head.batch_no} lies on the server with another content than the ledger's"
                )
            return
        named = parcel.documents_named()
        for document in parcel.documents([sha256 for sha256 in named if not self._exists(f"attachments/{sha256}")]):
            self._put(f"attachments/{document.sha256}", document.content)
        hit("sftp.documents_written")
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as rows:
            sha256 = batch_file.write_rows(parcel, rows)
            rows.seek(0)
            self._upload(f"{head.batch_no}.csv", rows)
        hit("sftp.rows_written")
        manifest = batch_file.manifest(head, f"{head.batch_no}.csv", sha256, named)
        self._put(f"{head.batch_no}.manifest.json", manifest.encode())
        hit("sftp.manifest_written")
        self._put(f"{head.batch_no}.done", b"")
        hit("sftp.done")

    def receipts(self, since: dt.datetime) -> Iterator[Receipt]:
        """Yield the answers in files changed since then that this connection has not read yet."""
        for name in sorted(self._answers(since) - self._read):
            try:
                text = self._get(f"receipts/{name}").decode()
                found = list(batch_file.read_receipts(io.StringIO(text, newline="")))
            except (ChannelError, UnicodeDecodeError, csv.Error) as error:
                log.error("%s: receipts/%s is ignored: %s", self._place.address, name, error)
                found = []
            self._read.add(name)
            yield from found

    def inventory(self, request_id: str, day: dt.date, *, with_content: bool) -> Inventory:
        """Ask for the inventory and wait for it, at most ``$RECEIPT_WAIT_SECONDS``."""
        place = f"inventory/{request_id}"
        question = {"request_id": request_id, "business_day": day.isoformat(), "with_content": with_content}
        self._put(f"{place}.request.json", json.dumps(question).encode())
        hit("sftp.asked")
        end = time.monotonic() + feed.receipt_wait()
        while not self._exists(f"{place}.done"):
            if time.monotonic() > end:
                raise self._unanswered(request_id, "no answer")
            time.sleep(feed.POLL)
        said = json.loads(self._get(f"{place}.done"))
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the generator that reads it
        self._download(f"{place}.csv", file)
        items = sum(1 for _ in self._items(file, closing=False))
        if items != said["items"]:
            raise self._unanswered(request_id, f"{items} of {said['items']} items")
        for ending in ("request.json", "csv", "done"):
            self._do(partial(self._client.remove, f"{self._folder}/{place}.{ending}"))
        return Inventory(dt.datetime.fromisoformat(said["taken_at"]), self._items(file, closing=True))

    def ship_dictionary(self, version: str, text: str) -> None:
        """Lay the data dictionary into ``dictionary/``."""
        name = f"dictionary/{version}.csv"
        if not self._exists(name) or self._get(name) != text.encode():
            self._put(name, text.encode())

    def _unanswered(self, request_id: str, said: str) -> InventoryUnansweredError:
        return InventoryUnansweredError(
            f"inventory {request_id}: {said} within {feed.receipt_wait():g} s, nothing was compared;"
            " see whether the receiver is up and run again"
        )

    @staticmethod
    def _items(file: IO[bytes], *, closing: bool) -> Iterator[Shown]:
        file.seek(0)
        lines = (line.decode() for line in file)
        for row in csv.DictReader(lines, strict=True):
            yield batch_file.shown_of({name: text or None for name, text in row.items()})
        if closing:
            file.close()

    def _head(self, batch_no: str) -> Head | None:
        """Return the head of a batch that lies there; None when its manifest is missing or none."""
        name = f"{batch_no}.manifest.json"
        try:
            return batch_file.read_manifest(self._get(name)) if self._exists(name) else None
        except batch_file.ManifestError:
            return None

    def _answers(self, since: dt.datetime) -> set[str]:
        found = self._do(lambda: self._client.readdir(f"{self._folder}/receipts"))
        return {
            str(entry.filename)
            for entry in found
            if str(entry.filename).endswith(".csv") and (entry.attrs.mtime or 0) >= since.timestamp()
        }

    def _exists(self, name: str) -> bool:
        return bool(self._do(lambda: self._client.exists(f"{self._folder}/{name}")))

    def _put(self, name: str, content: bytes) -> None:
        """Write a small file beside its place, and rename it."""
        path = f"{self._folder}/{name}"

        async def put() -> None:
            async with self._client.open(f"{path}.part", "wb") as file:
                await file.write(content)
                await _make_durable(file)
            await self._client.rename(f"{path}.part", path)

        async def replace() -> None:
            await self._client.remove(path)
            await put()

        self._do(replace if self._exists(name) else put)

    def _upload(self, name: str, rows: IO[bytes]) -> None:
        async def upload() -> None:
            async with self._client.open(f"{self._folder}/{name}", "wb") as file:
                while block := rows.read(_BLOCK):
                    await file.write(block)
                await _make_durable(file)

        self._do(upload)

    def _get(self, name: str) -> bytes:
        async def get() -> bytes:
            async with self._client.open(f"{self._folder}/{name}", "rb") as file:
                return cast("bytes", await file.read())

        return self._do(get)

    def _download(self, name: str, target: IO[bytes]) -> None:
        async def download() -> None:
            async with self._client.open(f"{self._folder}/{name}", "rb") as file:
                while block := await file.read(_BLOCK):
                    target.write(cast("bytes", block))

        self._do(download)

    def _do(self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Take one step on the server, within the time limit.

        Raises:
            ChannelError: The connection broke, the server refused, or no answer came: it is unknown what became of it.
        """
        import asyncssh

        try:
            return self._runner.run(_within(step()))
        except TimeoutError as error:
            raise ChannelError(f"{self._place.address}: no answer within {feed.channel_timeout():g} s") from error
        except (asyncssh.Error, OSError) as error:
            raise ChannelError(f"{self._place.address}: {error or type(error).__name__}") from error


async def _make_durable(file: "SFTPClientFile") -> None:
    """Let the server write the file to its disk, if it knows how (OpenSSH's extension fsync)."""
    from asyncssh import SFTPOpUnsupported

    with suppress(SFTPOpUnsupported):
        await file.fsync()


async def _within(step: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wait_for(step, feed.channel_timeout())
