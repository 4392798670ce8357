"""What a real receiver checks before it shows anything (domain.md 8.3, 8.4).

Pure functions: message in, refusal out.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from stdnum.cn import ric

from market_regulation.identifiers import is_uscc
from market_regulation.sandbox.cases import sha256_of
from market_regulation.sandbox.message import Batch, Refusal, Row, content_sha256

USCC_FIELDS = ("authority_uscc", "party_uscc", "subject_uscc")
_FREE_TEXT = {
    "administrative_penalty": ("violation_type", "violation_fact", "penalty_basis", "penalty_content", "party_name"),
    "spot_check": ("product_name", "plan_name", "producer_name", "seller_name", "subject_name", "failed_items"),
}
_IN_ORDER = {"administrative_penalty": ("decided_on",), "spot_check": ("produced_on", "final_on")}
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


def check_content(row: Row, day: dt.date, attachments: Collection[str]) -> Refusal | None:
    """Check the payload of a row; what ends a publication is checked by its hash only.

    Args:
        row: The row.
        day: Business day of its batch: nothing may be dated later.
        attachments: Hashes of the documents present in the exchange.
    """
    if sha256_of(row.payload) != row.row_hash:
        return Refusal("E201", "row_hash", "row_hash is not the hash of the payload")
    if not row.shows:
        return None
    checks: list[Callable[[], Refusal | None]] = [
        lambda: _check_schema(row),
        lambda: _check_codes(row.payload),
        lambda: _check_documents(row.payload, attachments),
        lambda: _check_dates(row, day),
        lambda: _check_personal_data(row),
    ]
    return next((refusal for check in checks if (refusal := check())), None)


def _check_schema(row: Row) -> Refusal | None:
    error = min(validator(row.record_type).iter_errors(row.payload), key=_place, default=None)
    if error is None:
        return None
    keyword = str(error.validator)
    path = ".".join(str(part) for part in error.absolute_path)
    field = error.message.split("'")[1] if keyword == "required" else path or None
    return Refusal(_REFUSED_AS.get(keyword, "E105"), field, error.message[:500])


def _place(error: ValidationError) -> tuple[str, str]:
    return ".".join(str(part) for part in error.absolute_path), str(error.validator)


@cache
def validator(record_type: str) -> Any:  # noqa: ANN401 - jsonschema makes its validator classes at run time
    """Validator of a record type's payload (JSON Schema 2020-12).

    Raises:
        FileNotFoundError: There is no schema of that record type.
    """
    text = (files("market_regulation.disclosure") / "schemas" / f"{record_type}.schema.json").read_text("utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _check_codes(payload: dict[str, Any]) -> Refusal | None:
    for field in USCC_FIELDS:
        code = payload.get(field)
        if code is not None and not is_uscc(code):
            return Refusal("E101", field, f"{code} fails the check character of GB 32100")
    return None


def _check_documents(payload: dict[str, Any], attachments: Collection[str]) -> Refusal | None:
    for document in payload.get("documents", []):
        if document["sha256"] not in attachments:
            return Refusal("E105", "documents", f"attachment {document['sha256']} is missing")
    return None


def _check_dates(row: Row, day: dt.date) -> Refusal | None:
    before: dt.date | None = None
    for field in _IN_ORDER[row.record_type]:
        try:
            value = dt.date.fromisoformat(row.payload[field] or "")
        except ValueError:
            if field == "produced_on":  # free text on many labels
                continue
            return Refusal("E108", field, f"{row.payload[field]} is no date")
        if before and value < before:
            return Refusal("E108", field, f"{value} lies before {before}")
        before = value
    return Refusal("E108", field, f"{before} lies after the business day {day}") if before and before > day else None


def _check_personal_data(row: Row) -> Refusal | None:
    for field in _FREE_TEXT[row.record_type]:
        text = unicodedata.normalize("NFKC", json.dumps(row.payload[field], ensure_ascii=False))
        if _MOBILE.search(text):
            return Refusal("E110", field, "contains a mobile number")
        if any(ric.is_valid(re.sub("[ -]", "", number)) for number in _ID_NUMBER.findall(text)):
            return Refusal("E110", field, "contains an identity number")
    return None
