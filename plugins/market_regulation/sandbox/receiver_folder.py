"""The receiver's door for files: batches, documents and questions lie in a folder, answers are put beside them."""

import csv
import datetime as dt
import hashlib
import io
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from market_regulation.sandbox.message import Batch, Question, Row
from market_regulation.sandbox.receiver_store import Held, Receipt

RECEIPT_COLUMNS = (*Receipt._fields, "receiver_id", "received_at")


class FolderDoor:
    """Folders of the channels below ``root``; a batch counts from its ``.done`` on and is left where it is."""

    def __init__(self, root: Path, name: str = "sftp_batch") -> None:
        self.name = name
        self._root = root

    def new_batches(self, processed: Collection[str]) -> list[Batch]:
        """Return the batches that have not been processed, in order of their numbers."""
        done = sorted(self._root.glob("*/*.done"), key=lambda file: file.name)
        return [_head(file) for file in done if file.stem not in processed]

    def read_rows(self, batch: Batch) -> list[Row]:
        """Return the rows of a batch; none when the file is not exactly the one that the manifest announces."""
        folder = self._root / batch.channel
        content = _content(folder / f"{batch.batch_no}.csv")
        if _digest(content) != _manifest(folder / f"{batch.batch_no}.manifest.json").get("sha256"):
            return []
        rows = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        return sorted(map(_row, rows), key=lambda row: (row.record_id, row.version))

    def read_documents(self, named: Sequence[str]) -> Iterator[bytes]:
        """Yield those of the named documents that lie in any channel's folder."""
        for sha256 in named:
            yield from (file.read_bytes() for file in self._root.glob(f"*/attachments/{sha256}"))

    def send(self, receipts: Sequence[Receipt]) -> None:
        """Put the receipts into one file per channel."""
        now = dt.datetime.now(dt.UTC)
        for channel in {receipt.channel for receipt in receipts}:
            out = io.StringIO(newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(RECEIPT_COLUMNS)
            mine = [receipt for receipt in receipts if receipt.channel == channel]
            writer.writerows((*receipt, f"sandbox-{channel}", now.isoformat()) for receipt in mine)
            _put(self._root / channel / "receipts" / f"{now:%Y%m%dT%H%M%S%f}.csv", out.getvalue())

    def questions(self) -> list[Question]:
        """Return the open questions for the inventory."""
        files = sorted(self._root.glob("*/inventory/*.request.json"))
        return [
            Question(name, file.parent.parent.name, bool(json.loads(file.read_text()).get("with_content")))
            for file in files
            if not (file.parent / f"{(name := file.name.removesuffix('.request.json'))}.done").exists()
        ]

    def answer(self, question: Question, held: Iterable[Held]) -> None:
        """Put down everything that is held, then the file that counts it."""
        taken_at, items = dt.datetime.now(dt.UTC), 0
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(Held._fields)
        for item in held:
            items += 1
            content = json.dumps(item.payload, ensure_ascii=False) if question.with_content else None
            writer.writerow((*item[:-1], content))
        place = self._root / question.channel / "inventory"
        _put(place / f"{question.request_id}.csv", out.getvalue())
        _put(place / f"{question.request_id}.done", json.dumps({"items": items, "taken_at": taken_at.isoformat()}))


def _head(done: Path) -> Batch:
    """Return the head of a batch; of one whose manifest is missing or no manifest, a head that no rows can fit."""
    said = _manifest(done.with_suffix(".manifest.json"))
    try:
        day = dt.date.fromisoformat(said["business_day"])
        return Batch(done.stem, done.parent.name, said["rows"], said["content_sha256"], said["previous_batch"], day)
    except (KeyError, TypeError, ValueError):
        day = dt.datetime.strptime(done.stem[18:26], "%Y%m%d").date()  # noqa: DTZ007 - a date
        return Batch(done.stem, done.parent.name, -1, "", None, day)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(_content(path))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _row(values: dict[str, str]) -> Row:
    return Row(
        values["record_type"], values["record_id"], int(values["version"]), values["op"], values["reason_code"] or None,
        values["row_hash"], json.loads(values["payload"]),
    )  # fmt: skip


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
