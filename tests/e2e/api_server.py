"""A source system with a JSON API, in a thread of the test process; it does what the test says."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "canary-token"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: Mapping[str, str]


class Api(ThreadingHTTPServer):
    """``/records`` hands out ``records`` by page, ``/stream`` by cursor (the next record's index, as text).

    Attributes:
        failures: Answered first, each a status with headers.
        broken_off: Pages or cursors at which the connection is cut, once each.
        last_page: Answered for each later page too.
        cursors: Cursor to the next one instead of the true one.
        body: Sent instead of any answer, in pieces.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records: list[Any] = []
        self.failures: list[tuple[int, dict[str, str]]] = []
        self.announced_extra = 0
        self.asked: list[Asked] = []
        self.broken_off: list[str] = []
        self.last_page: int | None = None
        self.cursors: dict[str, object] = {}
        self.body: list[bytes] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def positions(self) -> list[str]:
        """Pages or cursors asked for, in order; the first cursor is empty."""
        return [asked.query.get("page") or asked.query.get("cursor", "") for asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Answers for its ``Api``."""

    server: Api
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(Asked(self.path, query, self.headers))
        position = query.get("page") or query.get("cursor", "")
        if "Authorization" in self.headers and self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {})
        elif self.server.failures:
            status, headers = self.server.failures.pop(0)
            self._answer(status, {}, headers)
        elif position in self.server.broken_off:
            self.server.broken_off.remove(position)
            self._answer(200, self._content(parts.path, query), cut=True)
        elif self.server.body:
            self._send(self.server.body)
        else:
            self._answer(200, self._content(parts.path, query))

    def _content(self, path: str, query: dict[str, str]) -> object:
        size, records = int(query["page_size"]), self.server.records
        total = len(records) + self.server.announced_extra
        if path == "/records":
            page = min(int(query["page"]), self.server.last_page or int(query["page"]))
            return {"total": total, "items": records[(page - 1) * size : page * size]}
        cursor = query.get("cursor", "")
        start = int(cursor or 0)
        following = str(start + size) if start + size < len(records) else None
        return {"data": {"list": records[start : start + size]}, "next": self.server.cursors.get(cursor, following)}

    def _answer(self, status: int, body: object, headers: Mapping[str, str] = {}, cut: bool = False) -> None:
        data = json.dumps(body).encode()
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = cut

    def _send(self, pieces: list[bytes]) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            for piece in pieces:
                self.wfile.write(piece)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""
