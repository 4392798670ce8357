"""What a real receiver checks before it shows anything (domain.md 8.3, 8.4).

Pure functions: message in, refusal out.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError
from stdnum.cn import ric

from market_regulation.disclosure.record_schema import marked, schema, validator
from market_regulation.identifiers import is_uscc
from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Refusal, Row, content_sha256

_REFUSED_AS = {"maxLength": "E106", "enum": "E107", "pattern": "E107"}  # everything else: E105
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z])(?:[+]?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9A-Za-z]|(?:[.][0-9]+)? *[元万件台个])"
)


def check_batch(batch: Batch, rows: Sequence[Row], last_batch: str | None) -> Refusal | None:
    """Check that the batch is whole (E201) and follows the channel's last one (E202)."""
    if batch.rows != len(rows):
        return Refusal("E201", None, f"{batch.rows} rows announced, {len(rows)} found")
    if batch.content_sha256 != content_sha256(rows):
        return Refusal("E201", None, "content_sha256 is not the hash of the rows")
    if batch.previous_batch != last_batch:
        return Refusal("E202", None, f"names {batch.previous_batch} as the batch before it, {last_batch} was")
    return None


def check_content(row: Row, channel: str, day: dt.date, attachments: Collection[str]) -> Refusal | None:
    """Check the payload of a row; what ends a publication is checked by its hash only.

    Args:
        row: The row.
        channel: The channel it came by.
        day: Business day of its batch: nothing may be dated later.
        attachments: Hashes of the documents present in the exchange.
    """
    if sha256_of(row.payload) != row.row_hash:
        return Refusal("E201", "row_hash", "row_hash is not the hash of the payload")
    if not row.shows:
        return None
    checks: list[Callable[[], Refusal | None]] = [
        lambda: _check_schema(row, channel),
        lambda: _check_codes(row, channel),
        lambda: _check_bytes(row, channel),
        lambda: _check_documents(row.payload, attachments),
        lambda: _check_dates(row, channel, day),
        lambda: _check_personal_data(row, channel),
    ]
    return next((refusal for check in checks if (refusal := check())), None)


def _check_schema(row: Row, channel: str) -> Refusal | None:
    error = min(validator(channel, row.record_type).iter_errors(row.payload), key=_place, default=None)
    if error is None:
        return None
    keyword = str(error.validator)
    path = ".".join(str(part) for part in error.absolute_path)
    field = error.message.split("'")[1] if keyword == "required" else path or None
    return Refusal(_REFUSED_AS.get(keyword, "E105"), field, error.message[:500])


def _place(error: ValidationError) -> tuple[str, str]:
    return ".".join(str(part) for part in error.absolute_path), str(error.validator)


def _check_codes(row: Row, channel: str) -> Refusal | None:
    for field in marked(channel, row.record_type, "x-uscc"):
        code = row.payload.get(field)
        if code is not None and not is_uscc(code):
            return Refusal("E101", field, f"{code} fails the check character of GB 32100")
    return None


def _check_bytes(row: Row, channel: str) -> Refusal | None:
    properties = schema(channel, row.record_type)["properties"]
    for field in marked(channel, row.record_type, "x-max-bytes"):
        size, most = len(str(row.payload[field] or "").encode("gb18030")), properties[field]["x-max-bytes"]
        if size > most:
            return Refusal("E106", field, f"{size} bytes of GB 18030, at most {most} are taken")
    return None


def _check_documents(payload: dict[str, Any], attachments: Collection[str]) -> Refusal | None:
    for document in payload.get("documents", []):
        if document["sha256"] not in attachments:
            return Refusal("E105", "documents", f"attachment {document['sha256']} is missing")
    return None


def _check_dates(row: Row, channel: str, day: dt.date) -> Refusal | None:
    before: dt.date | None = None
    latest: str | None = None
    lenient = marked(channel, row.record_type, "x-lenient-date")
    for field in schema(channel, row.record_type).get("x-dates-in-order", ()):
        try:
            value = dt.date.fromisoformat((row.payload[field] or "").replace("/", "-"))
        except ValueError:
            if field in lenient:
                continue
            return Refusal("E108", field, f"{row.payload[field]} is no date")
        if before and value < before:
            return Refusal("E108", field, f"{value} lies before {before}")
        before, latest = value, field
    return Refusal("E108", latest, f"{before} lies after the business day {day}") if before and before > day else None


def _check_personal_data(row: Row, channel: str) -> Refusal | None:
    for field in marked(channel, row.record_type, "x-free-text"):
        text = unicodedata.normalize("NFKC", json.dumps(row.payload[field], ensure_ascii=False))
        if _MOBILE.search(text):
            return Refusal("E110", field, "contains a mobile number")
        if any(ric.is_valid(re.sub("[ -]", "", number)) for number in _ID_NUMBER.findall(text)):
            return Refusal("E110", field, "contains an identity number")
    return None
