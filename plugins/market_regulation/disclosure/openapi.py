"""The OpenAPI document of the HTTP channel, from the same JSON Schemas that every part of the feed reads.

    python -m market_regulation.disclosure.openapi > plugins/market_regulation/disclosure/openapi.json

A receiver can be built from the document alone. A test keeps the file in step.
"""

import json
from typing import Any

from market_regulation.disclosure.record_schema import channels, record_types, schema

Json = dict[str, Any]

_SHA256: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_DAY: Json = {"type": "string", "format": "date"}
_TEXT: Json = {"type": "string"}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_OPS = ["UPSERT", "CORRECT", "WITHDRAW", "STOP", "SUSPEND", "RESUME"]
_BATCH_NO: Json = {
    "type": "string",
    "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}[0-9]{8}[A-Z]{2}[0-9]{4}$",
    "description": "{source USCC}{yyyymmdd}{letters of the channel: GX, CC}{sequence of the day}, without gaps",
}
_ERRORS = (
    "E101 USCC fails its check, E102 USCC not in the registry, E103 name not that of the registry, E104 文号 twice,"
    " E105 required field or document missing, E106 too long, E107 not in the code list, E108 order of dates, E109 late"
    " (accepted), E110 personal data in public text, E111 subject, type or authority changed, E201 hash (batch, if"
    " field is empty), E202 gap in the sequence, E203 superseded by a higher version, E204 version held with another"
    " content, E205 operation not allowed now, E301 signature, E901 temporary, send again"
)
_ABOUT = """Batches are put, receipts and the inventory are read; every call may be made again.

Signature: `X-Signature` is the lower-case hexadecimal HMAC-SHA256, HMAC-SM3 or SM2-with-SM3 signature, as agreed, over
these lines joined by line feeds: method, path, query (parameters sorted by name), `X-Timestamp` (milliseconds since
1970), `X-Nonce`, `X-Content-SHA256` (of the body). An answer signs: status, the request's nonce, SHA-256 of its body.

Idempotency: a batch by its number, a row by (record_id, version, row_hash). The same again changes nothing and is
answered as the first time; the same key with another content is refused (409, E204). Only a higher version than the
one held is applied. A time-out, a 5xx or a cut answer mean unknown: the sender puts the same bytes again. So it does
after 401, 403, 404, 405, 407, 408, 425 and 429, which say nothing of the content. Any other signed 4xx but 409 says
that nothing of the batch was taken: its number may come again with another content.

`row_hash` is the SHA-256 of the canonical payload: keys in code point order, no blanks, UTF-8. `exchange` carries what
only the exchange may (identity numbers): it is part of no hash and must never be shown nor kept beside the public copy.
"""


def document() -> Json:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "信用信息公示接收接口", "version": "1", "description": _ABOUT},
        "paths": {
            "/batches/{batch_no}": {"put": _put_batch()},
            "/batches": {"get": _page("Heads of the batches received, in the order in which they came", "Head", [])},
            "/attachments/{sha256}": {
                "get": _operation("Whether a document is held", [_path("sha256", _SHA256)], "Held"),
                "put": _operation(
                    "Store a document under the SHA-256 of its bytes", [_path("sha256", _SHA256)], "Stored",
                    {"*/*": {"schema": {}}},
                ),
            },
            "/receipts": {
                "get": _page(
                    "Answers given since a moment, in order; `next` is where a later call goes on", "Receipt",
                    [_query("since", {"type": "string", "format": "date-time"}, is_required=True)],
                )
            },
            "/inventory": {"get": _inventory()},
            "/dictionary/{channel}/{version}": {
                "put": _operation(
                    "Store the data dictionary of the feed", [_path("channel", _TEXT), _path("version", _TEXT)],
                    "Named", {"text/csv": {"schema": _TEXT}},
                )
            },
        },
        "components": {"schemas": _schemas()},
    }  # fmt: skip


def _schemas() -> Json:
    payloads = {
        f"{channel}.{kind}": _embedded(channel, kind) for channel in channels() for kind in record_types(channel)
    }
    return {
        "Head": _object(
            batch_no=_BATCH_NO, channel={"enum": list(channels())}, rows={"type": "integer", "minimum": 1},
            content_sha256={**_SHA256, "description": "of the lines record_id,version,op,row_hash in order"},
            previous_batch={"type": ["string", "null"], "description": "the batch made before; null for the first"},
            schema_version=_TEXT,
            chain_head={**_TEXT, "description": "head of the sender's ledger, {seq}:{row_sha256}; keep it: a witness"},
            business_day=_DAY, first_event_on=_DAY, last_event_on=_DAY,
        ),
        "Row": _row(payloads),
        "BatchAnswer": _object(batch_no=_BATCH_NO, rows={"type": "integer"}, sha256=_SHA256),
        "Stored": _object(sha256=_SHA256, bytes={"type": "integer"}),
        "Held": _object(sha256=_SHA256, is_held={"type": "boolean"}),
        "Named": _object(channel=_TEXT, version=_TEXT),
        "Receipt": _object(
            receipt_id=_TEXT, channel=_TEXT, batch_no=_BATCH_NO,
            record_id={**_TEXT, "description": "empty, with version 0, when the answer is to the whole batch"},
            version={"type": "integer"}, verdict={"enum": ["accepted", "rejected", "duplicate"]}, field=_MAYBE_TEXT,
            error_code={**_MAYBE_TEXT, "description": _ERRORS}, message=_MAYBE_TEXT, receiver_id=_MAYBE_TEXT,
            published_on={"type": ["string", "null"], "format": "date"}, business_day=_DAY,
            received_at={"type": "string"},
        ),
        "Item": _object(
            record_id=_SHA256, version={"type": "integer"}, op={"enum": _OPS}, record_type=_TEXT,
            payload_sha256={**_SHA256, "description": "computed from what is shown, not copied from the row"},
            published_on={"type": ["string", "null"], "format": "date"}, visible={"type": "boolean"},
            attachments={**_TEXT, "description": "hashes of the documents held, ascending, joined by commas"},
            payload={"type": ["object", "null"], "description": "when asked for with_content"},
        ),
        "Error": _object(error_code=_TEXT, message=_TEXT),
        **payloads,
    }  # fmt: skip


def _embedded(channel: str, record_type: str) -> Json:
    """Return a payload schema with its references leading to its new place."""
    text = json.dumps(schema(channel, record_type))
    moved: Json = json.loads(text.replace('"#/$defs/', f'"#/components/schemas/{channel}.{record_type}/$defs/'))
    return {name: rule for name, rule in moved.items() if name not in {"$schema", "$id"}}


def _row(payloads: Json) -> Json:
    row = _object(
        record_id=_SHA256, version={"type": "integer", "minimum": 1},
        record_type={"enum": sorted({name.split(".")[1] for name in payloads})}, op={"enum": _OPS},
        reason_code=_MAYBE_TEXT, effective_on=_DAY, row_hash=_SHA256,
        payload={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in payloads]},
    )  # fmt: skip
    row["properties"]["exchange"] = {"type": "object", "additionalProperties": _TEXT}
    return row


def _put_batch() -> Json:
    body = {
        "application/x-ndjson": {
            "schema": {
                "type": "string",
                "description": "one JSON object per line: first a `Head`, then `rows` times a `Row`, in order of"
                " record_id and version",
                "x-first-line": {"$ref": "#/components/schemas/Head"},
                "x-other-lines": {"$ref": "#/components/schemas/Row"},
            }
        }
    }
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": _BATCH_NO}
    operation = _operation(
        "Store a batch whole; it is judged later and answered by receipts", [_path("batch_no", _BATCH_NO), key],
        "BatchAnswer", body,
    )  # fmt: skip
    operation["responses"]["409"] = _answer("another content lies under this number", "Error")
    return operation


def _inventory() -> Json:
    operation = _page(
        "Everything that is held, in order of record_id", "Item",
        [_query("with_content", {"type": "boolean"}), _query("request_id", _TEXT), _query("business_day", _DAY)],
    )  # fmt: skip
    page = operation["responses"]["200"]["content"]["application/json"]["schema"]
    page["properties"] |= {
        "taken_at": {"type": "string", "format": "date-time", "description": "by the clock of the receipts"},
        "total": {"type": "integer"},
    }
    page["required"] += ["taken_at", "total"]
    return operation


def _page(summary: str, item: str, parameters: list[Json]) -> Json:
    common = [
        _query("channel", _TEXT, is_required=True),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 10000}),
        _query("after", {"type": "string", "description": "`next` of the page before; empty for the first"}),
    ]
    operation = _operation(summary, [*common, *parameters], item)
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    page = {"type": "object", "required": ["items", "next"], "properties": {"items": items, "next": _MAYBE_TEXT}}
    operation["responses"]["200"]["content"]["application/json"]["schema"] = page
    return operation


def _operation(summary: str, parameters: list[Json], answer: str, body: Json | None = None) -> Json:
    headers = [
        {"name": name, "in": "header", "required": True, "schema": _TEXT}
        for name in ("X-Sender", "X-Timestamp", "X-Nonce", "X-Content-SHA256", "X-Signature")
    ]
    responses = {"200": _answer("done, or done before", answer), "4XX": _answer("refused for good", "Error")}
    operation: Json = {"summary": summary, "parameters": [*parameters, *headers], "responses": responses}
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _answer(description: str, name: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": description, "content": content, "headers": {"X-Signature": {"schema": _TEXT}}}


def _object(**properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}


def _path(name: str, rule: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": rule}


def _query(name: str, rule: Json, *, is_required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": is_required, "schema": rule}


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=1))
