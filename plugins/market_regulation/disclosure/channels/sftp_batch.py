"""Transport through files on the receiver's SFTP server (domain.md 8.4; GB/T 39443 5.5, file mode).

In the channel's folder lie, for each batch, ``{batch}.csv``, ``{batch}.manifest.json`` and, written last by rename,
``{batch}.done``: what has no ``.done`` is not there. Documents lie in ``attachments/{sha256}`` before that. The
receiver leaves all of it in place and answers in ``receipts/*.csv``. A question for the inventory is
``inventory/{request}.request.json``; the answer ``{request}.csv`` is whole when ``{request}.done`` counts its items.
"""

import csv
import datetime as dt
import json
import logging
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO

from market_regulation.disclosure import feed
from market_regulation.disclosure.channels import batch_file
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
from market_regulation.disclosure.channels.sftp_folder import SftpFolder, open_folder
from market_regulation.disclosure.parcel import Parcel
from market_regulation.failpoints import hit

IN_MEMORY = 32 << 20  # bytes of one batch; what is larger goes to a file without a name

log = logging.getLogger(__name__)


@contextmanager
def connect(channel: str) -> "Iterator[SftpBatch]":
    """Log in to the channel's SFTP server and make the contract's folders where they are missing.

    Raises:
        ChannelError: The server is not known, is not who it was, cannot be reached or refuses.
    """
    with open_folder(channel) as folder:
        for name in ("attachments", "receipts", "inventory", "dictionary"):
            folder.make(name)
        yield SftpBatch(folder)


class SftpBatch:
    """A channel's folder on the server."""

    def __init__(self, folder: SftpFolder) -> None:
        self._folder = folder
        self._read: set[str] = set()

    def heads(self, known: Collection[str]) -> list[Head]:
        """Return the heads of batches that are not known, in the order in which they name each other."""
        names = [str(entry.filename) for entry in self._folder.entries()]
        numbers = {name.removesuffix(".done") for name in names if name.endswith(".done")} - set(known)
        heads = {number: self._head(number) for number in numbers}
        for number in sorted(number for number, head in heads.items() if head is None or head.batch_no != number):
            log.error("%s: batch %s has no manifest of its own: it is none of ours", self._folder.address, number)
        return in_order([head for number, head in heads.items() if head and head.batch_no == number])

    def write(self, head: Head, parcel: Parcel) -> None:
        """Upload documents, rows and manifest, then ``.done``; a batch that has its ``.done`` is left.

        Raises:
            BatchAlteredError: The manifest that lies there is another one.
        """
        if self._folder.exists(f"{head.batch_no}.done"):
            if self._head(head.batch_no) != head:
                raise BatchAlteredError(
                    f"batch {head.batch_no} lies on the server with another content than the ledger's"
                )
            return
        named = parcel.documents_named()
        missing = [sha256 for sha256 in named if not self._folder.exists(f"attachments/{sha256}")]
        for document in parcel.documents(missing):
            self._folder.put(f"attachments/{document.sha256}", document.content)
        hit("sftp.documents_written")
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as rows:
            sha256 = batch_file.write_rows(parcel, rows)
            rows.seek(0)
            self._folder.upload(f"{head.batch_no}.csv", rows)
        hit("sftp.rows_written")
        manifest = batch_file.manifest(head, f"{head.batch_no}.csv", sha256, named)
        self._folder.put(f"{head.batch_no}.manifest.json", manifest.encode())
        hit("sftp.manifest_written")
        self._folder.put(f"{head.batch_no}.done", b"")
        hit("sftp.done")

    def receipts(self, since: dt.datetime) -> Iterator[Receipt]:
        """Yield the answers in files changed since then that this connection has not read yet."""
        for name in sorted(self._answers(since) - self._read):
            place = f"{self._folder.address}: receipts/{name}"
            self._read.add(name)
            try:
                text = self._folder.get(f"receipts/{name}").decode(errors="surrogateescape")
                yield from batch_file.read_receipts(text, place)
            except ChannelError as error:
                log.error("%s is ignored: %s", place, error)

    def inventory(self, request_id: str, day: dt.date, *, with_content: bool) -> Inventory:
        """Ask for the inventory and wait for it, at most ``$RECEIPT_WAIT_SECONDS``."""
        place = f"inventory/{request_id}"
        question = {"request_id": request_id, "business_day": day.isoformat(), "with_content": with_content}
        self._folder.put(f"{place}.request.json", json.dumps(question).encode())
        hit("sftp.asked")
        end = time.monotonic() + feed.receipt_wait()
        while not self._folder.exists(f"{place}.done"):
            if time.monotonic() > end:
                raise self._unanswered(request_id, "no answer")
            time.sleep(feed.POLL)
        said = json.loads(self._folder.get(f"{place}.done"))
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the generator that reads it
        self._folder.download(f"{place}.csv", file)
        items = sum(1 for _ in self._items(file, closing=False))
        if items != said["items"]:
            raise self._unanswered(request_id, f"{items} of {said['items']} items")
        for ending in ("request.json", "csv", "done"):
            self._folder.remove(f"{place}.{ending}")
        return Inventory(dt.datetime.fromisoformat(said["taken_at"]), self._items(file, closing=True))

    def ship_dictionary(self, version: str, text: str) -> None:
        """Lay the data dictionary into ``dictionary/``."""
        name = f"dictionary/{version}.csv"
        if not self._folder.exists(name) or self._folder.get(name) != text.encode():
            self._folder.put(name, text.encode())

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
            return batch_file.read_manifest(self._folder.get(name)) if self._folder.exists(name) else None
        except batch_file.ManifestError:
            return None

    def _answers(self, since: dt.datetime) -> set[str]:
        found = self._folder.entries("receipts")
        return {
            str(entry.filename)
            for entry in found
            if str(entry.filename).endswith(".csv") and (entry.attrs.mtime or 0) >= since.timestamp()
        }
