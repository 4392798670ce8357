"""The HTTP source: all pages, the right token, tried again when busy, blocked when rows are missing."""

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from market_regulation.landing import check_due, collect, land_due
from market_regulation.sources import http_api
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)


class Api(ThreadingHTTPServer):
    """A source system: ``records`` by page, ``failures`` answered first, every request remembered."""

    records: list[Any]
    failures: list[int]
    announced_extra = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records, self.failures, self.asked = [], [], []

    asked: list[dict[str, str]]


class Handler(BaseHTTPRequestHandler):
    """Answers ``/records?page=&page_size=``."""

    server: Api

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append(query)
        if self.headers["Authorization"] != "Bearer canary-token":
            self._answer(401, {})
        elif self.server.failures:
            self._answer(self.server.failures.pop(0), {})
        else:
            page, size = int(query["page"]), int(query["page_size"])
            announced = len(self.server.records) + self.server.announced_extra
            data = self.server.records[(page - 1) * size : page * size]
            self._answer(200, {"total": announced, "items": data})

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A source system on a free port, its address and token in the environment; no waiting between tries."""
    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TEST_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("TEST_API_TOKEN", "canary-token")
    monkeypatch.setattr(http_api._get.retry, "sleep", lambda _: None)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def source(make_source: Callable[..., Source], request: pytest.FixtureRequest) -> Source:
    """A source that reads the API, two records a page."""
    fetch = {
        "kind": "http_api", "url": "{base}/records", "base_env": "TEST_API_URL", "token_env": "TEST_API_TOKEN",
        "query": {"day": "{business_day}"}, "page_size": 2, "records": "items", "announced": "total",
    }  # fmt: skip
    name = f"http_{request.node.name.removeprefix('test_')[:30].rstrip('_')}"
    return make_source(name, fetch=fetch, profiles={"system": {"submitter": "系统"}})


def record(code: str) -> dict[str, object]:
    return {"code": code, "name": "甲", "seen_on": None}


def test_all_pages_become_one_delivery_once(api: Api, source: Source, warehouse: psycopg.Connection) -> None:
    api.records = [record(f"A{n}") for n in range(5)]
    [delivery_id] = collect(source, DAY)
    assert [(asked["page"], asked["day"]) for asked in api.asked] == [(str(n), "2026-03-16") for n in (1, 2, 3)]
    assert collect(source, DAY) == []
    land_due(source, DAY)
    check_due(source, DAY)
    assert warehouse.execute(
        "select announced_rows, received_rows, accepted_rows from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchall() == [(5, 5, 5)]
    assert collect(source, DAY) == []


def test_rows_that_were_announced_and_did_not_come_block_the_delivery(
    api: Api, source: Source, warehouse: psycopg.Connection
) -> None:
    api.records, api.announced_extra = [record("A1")], 1
    collect(source, DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert result.verdict == "blocked"
    assert "announced 2 rows and 1 arrived" in result.problems[0]


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(
    api: Api, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.records, api.failures = [record("A1")], [503, 429, 500]
    assert len(collect(source, DAY)) == 1
    assert len(api.asked) == 4

    monkeypatch.setenv("TEST_API_TOKEN", "wrong")
    with pytest.raises(httpx.HTTPStatusError, match="401") as refused:
        collect(source, DAY)
    assert len(api.asked) == 5
    assert "wrong" not in str(refused.value)


def test_a_day_without_records_is_no_delivery(api: Api, source: Source) -> None:
    assert collect(source, DAY) == []


def test_a_record_that_is_no_object_is_one_unreadable_row(
    api: Api, source: Source, warehouse: psycopg.Connection
) -> None:
    api.records = [record("A1"), ["A2"]]
    [delivery_id] = collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    assert warehouse.execute(
        "select row_no, record from quality.quarantine where delivery_id = %s", (delivery_id,)
    ).fetchall() == [(2, {"_raw": '["A2"]'})]


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"items": {}, "total": 1}', b'{"items": [], "total": "1"}'])
def test_an_answer_of_another_shape_is_an_error_and_leaves_nothing(
    answer: bytes, api: Api, source: Source, monkeypatch: pytest.MonkeyPatch, platform_home: Path
) -> None:
    monkeypatch.setattr(httpx.Client, "get", lambda *_, **__: httpx.Response(200, content=answer, request=REQUEST))
    with pytest.raises(http_api.AnswerError):
        collect(source, DAY)
    assert list((platform_home / "store" / source.source).iterdir()) == []


REQUEST = httpx.Request("GET", "http://127.0.0.1/records")
