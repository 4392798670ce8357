"""What the receiving system reads at any of its doors: a batch and its rows (feed contract, domain.md 8.4)."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Batch:
    """Head of a batch as written in ``outbound.batch``."""

    batch_no: str
    channel: str
    rows: int
    content_sha256: str
    previous_batch: str | None
    business_day: dt.date


@dataclass(frozen=True)
class Row:
    """One version of one record as written in ``outbound.<record_type>``."""

    record_type: str
    record_id: str
    version: int
    op: str
    reason_code: str | None
    row_hash: str
    payload: dict[str, Any]

    @property
    def shows(self) -> bool:
        """Whether the operation makes or keeps the record visible."""
        return self.op in {"UPSERT", "CORRECT", "RESUME"}


@dataclass(frozen=True)
class Question:
    """The sender asks what is held of a channel, with or without the payloads."""

    request_id: str
    channel: str
    with_content: bool


@dataclass(frozen=True)
class Refusal:
    """Why something is refused: error code of the feed contract, field where one is to blame, words."""

    code: str
    field: str | None
    message: str


def content_sha256(rows: Sequence[Row]) -> str:
    """SHA-256 of the lines ``record_id,version,op,row_hash`` in order of record and version."""
    ordered = sorted(rows, key=lambda row: (row.record_id, row.version))
    lines = "".join(f"{row.record_id},{row.version},{row.op},{row.row_hash}\n" for row in ordered)
    return hashlib.sha256(lines.encode()).hexdigest()
