"""The files of a batch: rows as CSV (RFC 4180, UTF-8 without BOM, LF), head as manifest (domain.md 8.4)."""

import csv
import dataclasses
import datetime as dt
import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator
from typing import IO

from market_regulation.disclosure.channels.contract import ChannelError, Head, Receipt, Shown
from market_regulation.disclosure.parcel import Form, Parcel

COLUMNS = (
    "record_id", "version", "record_type", "op", "reason_code", "effective_on", "row_hash", "payload", "exchange",
)  # fmt: skip
log = logging.getLogger(__name__)
csv.field_size_limit(64 << 20)  # a payload stands in one field
_FORM = Form(
    line="""concat_ws(',', r.record_id, r.version, r.record_type, r.op, coalesce(r.reason_code, ''), b.business_day,
        r.payload_sha256, '"' || replace(p.public::text, '"', '""') || '"', '')""",
    with_exchange=lambda line, text: line[:-1] + b'"' + text.replace('"', '""').encode() + b'"\n',
)


def write_rows(parcel: Parcel, file: IO[bytes]) -> str:
    """Write the rows of a batch with a heading line; return the SHA-256 of the bytes, the same for each try."""
    digest = hashlib.sha256()
    for block in _with_heading(parcel):
        digest.update(block)
        file.write(block)
    return digest.hexdigest()


def _with_heading(parcel: Parcel) -> Iterator[bytes]:
    yield ",".join(COLUMNS).encode() + b"\n"
    yield from parcel.blocks(_FORM)


def manifest(head: Head, file_name: str, sha256: str, attachments: list[str]) -> str:
    """Return the manifest of a batch as JSON text; ``sha256`` is that of the file with the rows."""
    values = dataclasses.asdict(head) | {"file": file_name, "sha256": sha256, "attachments": attachments}
    return json.dumps(values, ensure_ascii=False, indent=1, default=str) + "\n"


class ManifestError(ChannelError):
    """What should be the head of a batch is none."""


def read_manifest(text: str | bytes) -> Head:
    """Return the head in a manifest.

    Raises:
        ManifestError: It is no manifest.
    """
    try:
        found = json.loads(text)
        values = {field.name: found[field.name] for field in dataclasses.fields(Head)}
        days = {
            name: dt.date.fromisoformat(values[name]) for name in ("business_day", "first_event_on", "last_event_on")
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"a manifest cannot be read: {error}") from error
    return Head(**{**values, **days})


def read_receipts(text: str, place: str) -> Iterator[Receipt]:
    """Yield the receipts in a CSV file whose heading names the columns of ``Receipt``, those that are readable.

    Raises:
        ChannelError: It has no heading.
    """
    lines = io.StringIO(text, newline="").readlines()
    try:
        heading = next(csv.reader(lines[:1], strict=True))
    except (csv.Error, StopIteration):
        raise ChannelError("it has no heading") from None
    yield from readable(_rows(lines[1:], heading), place)


def _rows(lines: list[str], heading: list[str]) -> Iterator[dict[str, str | None]]:
    """Yield the rows; one that is none as an empty row, and what follows its first line is read again without it."""
    while lines:
        reader, taken = csv.reader(lines, strict=True), 0
        try:
            for cells in filter(None, reader):
                taken = reader.line_num
                fits = len(cells) == len(heading)
                yield {name: cell or None for name, cell in zip(heading, cells, strict=True)} if fits else {}
        except csv.Error:
            yield {}
            lines = lines[taken + 1 :]
        else:
            return


def receipt_of(values: dict[str, str | None]) -> Receipt:
    """Return a receipt from its members as text.

    Raises:
        ChannelError: A member is missing or is not what it should be.
    """
    try:
        _check_text(values)
        day = values["published_on"]
        return Receipt(
            receipt_id=str(values["receipt_id"]),
            channel=str(values["channel"]),
            batch_no=str(values["batch_no"]),
            record_id=values["record_id"] or "",
            version=_version(values["version"]),
            verdict=_verdict(values["verdict"]),
            field=values["field"],
            error_code=values["error_code"],
            message=values["message"],
            receiver_id=values["receiver_id"],
            published_on=dt.date.fromisoformat(day) if day else None,
            business_day=dt.date.fromisoformat(values["business_day"] or ""),
            received_at=dt.datetime.fromisoformat(values["received_at"] or ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ChannelError(f"a receipt cannot be read: {error!r}") from error


def readable(items: Iterable[dict[str, str | None]], place: str) -> Iterator[Receipt]:
    """Yield the receipts that can be read; one that cannot is reported and changes nothing (it holds up no other).

    The report names ``place`` and the number of the row, counted from 1.
    """
    for number, values in enumerate(items, start=1):
        try:
            yield receipt_of(values)
        except ChannelError as error:
            log.error("%s, row %d: %s: it is left out", place, number, error)


def _check_text(values: dict[str, str | None]) -> None:
    """Raise ValueError where a text cannot be stored: bytes that were no UTF-8, and NUL."""
    for name, text in values.items():
        if "\0" in (text or ""):
            raise ValueError(f"{name} holds NUL")
        (text or "").encode()


def _version(text: str | None) -> int:
    version = int(text or 0)
    if not 0 <= version < 2**31:
        raise ValueError(f"version {version}")
    return version


def _verdict(text: str | None) -> str:
    if text not in {"accepted", "rejected", "duplicate"}:
        raise ValueError(f"verdict {text!r}")
    return text


def shown_of(values: dict[str, str | None]) -> Shown:
    """Return one item of an inventory from its members as text.

    Raises:
        ChannelError: A member is missing or is not what it should be.
    """
    try:
        day = values["published_on"]
        return Shown(
            record_id=str(values["record_id"]),
            version=int(values["version"] or ""),
            op=str(values["op"]),
            record_type=str(values["record_type"]),
            payload_sha256=str(values["payload_sha256"]),
            published_on=dt.date.fromisoformat(day) if day else None,
            visible={"true": True, "false": False}[str(values["visible"]).lower()],
            attachments=values["attachments"] or "",
            payload=values["payload"],
        )
    except (KeyError, ValueError) as error:
        raise ChannelError(f"an item of the inventory cannot be read: {error}") from error
