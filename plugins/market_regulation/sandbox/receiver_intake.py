"""The receiver's door for HTTP: what the API stored, and the answers that it hands out."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from market_regulation import settings
from market_regulation.sandbox.message import Batch, Question, Row
from market_regulation.sandbox.receiver_store import Held, Receipt

_RECEIPTS = """
create table if not exists public_copy.http_receipt (
    place        bigint generated always as identity primary key,
    receipt_id   text not null unique,
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
    receiver_id  text not null,
    received_at  timestamptz not null default now()
)
"""


def spool() -> Path:
    """Folder of what came by HTTP."""
    return settings.home() / "sandbox" / "http"


class HttpDoor:
    """What lies in ``spool()``; questions for the inventory are answered by the API itself."""

    name = "http_api"

    def __init__(self, own: psycopg.Connection) -> None:
        self._own = own
        own.execute(_RECEIPTS)
        own.commit()

    @staticmethod
    def files(channel: str) -> list[Path]:
        """Return the batches of a channel (``*``: of all) in the order in which they came."""
        return sorted(spool().glob(f"{channel}/*.ndjson"), key=lambda file: (file.stat().st_mtime_ns, file.name))

    @staticmethod
    def head(file: Path) -> dict[str, Any]:
        """Return the head of a stored batch."""
        with file.open("rb") as lines:
            found: dict[str, Any] = json.loads(lines.readline())
        return found

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        """Return the batches that have not been processed, oldest first."""
        heads = [self.head(file) for file in self.files("*") if file.stem not in processed]
        return [
            Batch(
                head["batch_no"], head["channel"], head["rows"], head["content_sha256"], head["previous_batch"],
                dt.date.fromisoformat(head["business_day"]),
            )
            for head in heads
        ]  # fmt: skip

    def read_rows(self, batch: Batch) -> list[Row]:
        """Return the rows of a batch in order of record and version."""
        with (spool() / batch.channel / f"{batch.batch_no}.ndjson").open("rb") as lines:
            next(lines)
            rows = [_row(json.loads(line)) for line in lines]
        return sorted(rows, key=lambda row: (row.record_id, row.version))

    def read_documents(self, named: Sequence[str]) -> Iterator[bytes]:
        """Yield those of the named documents that were put."""
        files = (spool() / "attachments" / sha256 for sha256 in named)
        yield from (file.read_bytes() for file in files if file.exists())

    def send(self, receipts: Sequence[Receipt]) -> None:
        """Let the API hand out these receipts, in this order."""
        with self._own.transaction(), self._own.cursor() as cursor:
            cursor.executemany(
                "insert into public_copy.http_receipt (receipt_id, channel, batch_no, record_id, version, verdict,"
                " field, error_code, message, published_on, business_day, receiver_id)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (receipt_id) do nothing",
                [(*receipt, f"sandbox-{receipt.channel}") for receipt in receipts],
            )

    def questions(self) -> list[Question]:
        """Return nothing: the API answers at once."""
        return []

    def answer(self, question: Question, held: Iterable[Held]) -> None:
        """Never called.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError


def _row(values: dict[str, Any]) -> Row:
    return Row(
        values["record_type"], values["record_id"], values["version"], values["op"], values["reason_code"],
        values["row_hash"], values["payload"],
    )  # fmt: skip
