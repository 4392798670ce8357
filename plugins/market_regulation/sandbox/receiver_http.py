"""The receiver's HTTP API (``disclosure/openapi.json``): batches are stored and judged at the next turn.

Requests are checked and answers signed with the keys in ``<home>/sandbox/receiver_keys.json``.
"""

import asyncio
import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from psycopg.rows import dict_row

from market_regulation import settings
from market_regulation.disclosure.channels.signing import answer_text, is_signed, request_text, sign
from market_regulation.sandbox import receiver_store as store
from market_regulation.sandbox.misbehave import faults
from market_regulation.sandbox.receiver_intake import HttpDoor, spool

app = FastAPI(title="信用信息公示接收系统（沙箱）", version="1")
Limit = Annotated[int, Query(ge=1, le=10_000)]


def keys() -> dict[str, str]:
    """Keys of the receiver: ``algorithm``, ``own`` to sign with, ``other`` to check the platform with."""
    file = settings.home() / "sandbox" / "receiver_keys.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"algorithm": "none"}
    return {"own": "", "other": "", **known}


async def _body(request: Request) -> bytes:
    """The whole body of a request that is signed as agreed."""
    wanted = faults()
    if "down" in wanted or ("answer_500" in wanted and request.method == "PUT"):
        raise HTTPException(503 if "down" in wanted else 500, "misbehaving")
    body, known, head = await request.body(), keys(), request.headers
    digest = hashlib.sha256(body).hexdigest()
    text = request_text(
        request.method,
        request.url.path,
        request.url.query,
        head.get("X-Timestamp", ""),
        head.get("X-Nonce", ""),
        digest,
    )
    if not is_signed(known["algorithm"], known["other"], text, head.get("X-Signature", "")):
        raise HTTPException(401, "E301")
    if request.method == "PUT" and head.get("X-Content-SHA256") != digest:
        raise HTTPException(400, "E201")
    return body


Body = Annotated[bytes, Depends(_body)]


@contextmanager
def _own() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(settings.dsn("receiver", "owner"), row_factory=dict_row) as own:
        yield own


def _answer(request: Request, content: dict[str, Any], status: int = 200) -> Response:
    body, known = json.dumps(content, ensure_ascii=False, default=str).encode(), keys()
    text = answer_text(status, request.headers.get("X-Nonce", ""), body)
    signature = sign(known["algorithm"], known["own"], text)
    return Response(body, status, {"X-Signature": signature}, "application/json")


@app.exception_handler(HTTPException)
def _refuse(request: Request, error: HTTPException) -> Response:
    return _answer(request, {"error_code": error.detail, "message": str(error.detail)}, error.status_code)


@app.put("/attachments/{sha256}")
def put_attachment(request: Request, sha256: str, body: Body) -> Response:
    """Store a document under the hash of its content."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise HTTPException(400, "E201")
    _write(spool() / "attachments" / sha256, body)
    return _answer(request, {"sha256": sha256, "bytes": len(body)})


@app.get("/attachments/{sha256}", dependencies=[Depends(_body)])
def has_attachment(request: Request, sha256: str) -> Response:
    """Say whether a document is held."""
    return _answer(request, {"sha256": sha256, "is_held": (spool() / "attachments" / sha256).is_file()})


@app.put("/dictionary/{channel}/{version}")
def put_dictionary(request: Request, channel: str, version: str, body: Body) -> Response:
    """Store the data dictionary of the feed."""
    _write(spool() / "dictionary" / f"{channel}-{version}.csv", body)
    return _answer(request, {"channel": channel, "version": version})


@app.put("/batches/{batch_no}")
async def put_batch(request: Request, batch_no: str, body: Body) -> Response:
    """Store a batch; the same again changes nothing, another content under its number is refused."""
    first, _, rest = body.partition(b"\n")
    head = json.loads(first)
    rows = rest.count(b"\n")
    if head["batch_no"] != batch_no or rows != head["rows"]:
        raise HTTPException(400, "E201")
    file = spool() / head["channel"] / f"{batch_no}.ndjson"
    if file.exists() and file.read_bytes() != body:
        raise HTTPException(409, "E204")
    _write(file, body)
    while "time_out_after_storing" in faults() and not await request.is_disconnected():
        await asyncio.sleep(0.1)
    return _answer(request, {"batch_no": batch_no, "rows": rows, "sha256": hashlib.sha256(body).hexdigest()})


@app.get("/batches", dependencies=[Depends(_body)])
def batches(request: Request, channel: str, limit: Limit = 1000, after: int | str = "") -> Response:
    """Heads of the batches received, in the order in which they came."""
    begin = int(after or 0)
    files = HttpDoor.files(channel)[begin : begin + limit + 1]
    heads = [HttpDoor.head(file) for file in files[:limit]]
    return _answer(request, {"items": heads, "next": str(begin + limit) if len(files) > limit else None})


@app.get("/receipts", dependencies=[Depends(_body)])
def receipts(request: Request, channel: str, since: dt.datetime, limit: Limit = 1000, after: str = "") -> Response:
    """Answers given since a moment, or after the cursor, in the order in which they were given."""
    with _own() as own:
        found = own.execute(
            "select * from public_copy.http_receipt where channel = %s and received_at >= %s and place > %s"
            " order by place limit %s",
            [channel, since, int(after or 0), limit],
        ).fetchall()
    place = str(found[-1]["place"]) if found else after
    items = [{name: value for name, value in row.items() if name != "place"} for row in found]
    return _answer(request, {"items": items, "next": place})


@app.get("/inventory", dependencies=[Depends(_body)])
def inventory(
    request: Request, channel: str, limit: Limit = 1000, after: str = "", with_content: bool = False
) -> Response:
    """What is held, in order of record_id, after the cursor."""
    taken_at = dt.datetime.now(dt.UTC)
    with psycopg.connect(settings.dsn("receiver", "owner")) as own:
        ((total,),) = own.execute("select count(*) from public_copy.item where channel = %s", [channel]).fetchall()
        page = list(store.held_items(own, channel, after, limit))
    items = [{**item._asdict(), "payload": item.payload if with_content else None} for item in page]
    following = page[-1].record_id if len(page) == limit else None
    return _answer(request, {"taken_at": taken_at.isoformat(), "total": total, "items": items, "next": following})


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and make it durable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.{id(content)}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
