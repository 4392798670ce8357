"""What the receiver holds of a record, and what a further version does to it (domain.md 8.4, section 11 A13, A14)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from market_regulation.disclosure.record_schema import marked, schema
from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Refusal, Row


@dataclass(frozen=True)
class Item:
    """The receiver's copy of a record."""

    record_type: str
    version: int
    op: str
    row_hash: str
    payload: dict[str, Any]
    published_on: dt.date | None
    visible: bool


def is_repeated(row: Row, held: Item | None) -> bool:
    """Tell whether exactly this version with this content is held already, and shown as it should be.

    What is compared is what is shown, not what was once noted of it: a copy that was changed or hidden meanwhile is
    repaired by the same version.
    """
    return (
        held is not None
        and (held.version, held.row_hash, held.visible) == (row.version, row.row_hash, row.shows)
        and sha256_of(held.payload) == row.row_hash
    )


def check_order(row: Row, channel: str, held: Item | None) -> Refusal | None:
    """Check a row against what is held: superseded (E203), altered (E204), not allowed now (E205, E111).

    Of a record that is not held any version is taken: a lost one comes back that way, and a withdrawal that arrives
    before what it withdraws keeps it from being shown.
    """
    if held is None:
        return None
    if row.version < held.version:
        return Refusal("E203", "version", f"superseded: version {held.version} is held")
    if row.version == held.version and row.row_hash != held.row_hash:
        return Refusal("E204", "version", f"version {row.version} is held with another content")
    if row.version == held.version:
        return None
    if row.op == "UPSERT" and held.op == "WITHDRAW" and not row.reason_code:
        return Refusal("E205", "reason_code", "a withdrawn record comes back only with a new legal basis")
    if row.op == "CORRECT":
        return _check_correction(row, channel, held)
    return None


def _check_correction(row: Row, channel: str, held: Item) -> Refusal | None:
    if not held.visible:
        return Refusal("E205", "op", f"there is nothing to correct: the record is not shown since {held.op}")
    for field in marked(channel, row.record_type, "x-immutable"):
        if row.payload[field] != held.payload[field]:
            return Refusal("E111", field, "subject and authority of a record never change: withdraw it, send a new one")
    subject = schema(channel, row.record_type)["x-subject"]
    if row.payload[subject["code"]] is None and row.payload[subject["name"]] != held.payload[subject["name"]]:
        return Refusal("E111", subject["name"], "the subject of a record never changes: withdraw it, send a new one")
    return None


def applied(row: Row, held: Item | None, day: dt.date) -> Item:
    """What the receiver holds after the row.

    A record is published on the business day of the batch that first showed it; a correction keeps that day.
    What ends a publication leaves the last public content in the archive, out of sight.
    """
    if row.shows:
        stays = held is not None and held.visible
        published_on = held.published_on if held and stays else day
    else:
        published_on = held.published_on if held else None
    return Item(row.record_type, row.version, row.op, row.row_hash, row.payload, published_on, row.shows)
