"""The HTTP source: all pages, the right token, asked again when busy, taken up where it broke off, never endless."""

import datetime as dt
import hashlib
import hmac
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from api_server import TOKEN, Api

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.sources import http_api, http_calls
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import FetchError

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
SIGNATURE = {"key_env": "TEST_API_KEY", "headers": {"signature": "X-Sign", "timestamp": "X-Time", "nonce": "X-Once"}}
CURSOR = {"kind": "cursor", "parameter": "cursor", "next": "next"}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between tries; none is made."""
    made: list[float] = []
    monkeypatch.setattr(http_calls._get.retry, "sleep", made.append)
    return made


@pytest.fixture
def api(platform_home: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Iterator[Api]:
    """A source system on a free port, its address and secrets in the environment."""
    server = Api()
    monkeypatch.setenv("TEST_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("TEST_API_TOKEN", TOKEN)
    monkeypatch.setenv("TEST_API_KEY", "canary-key")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def make(make_source: Callable[..., Source], request: pytest.FixtureRequest) -> Callable[..., Source]:
    """Make a source that reads the API by pages of two records; keyword arguments change ``fetch``."""

    def of(**changes: object) -> Source:
        fetch = {
            "kind": "http_api", "url": "{base}/records", "base_env": "TEST_API_URL", "token_env": "TEST_API_TOKEN",
            "query": {"day": "{business_day}"}, "page_size": 2, "records": "items", "announced": "total",
        }  # fmt: skip
        name = f"http_{zlib.crc32(request.node.name.encode())}"
        return make_source(name, fetch={**fetch, **changes}, profiles={"system": {"submitter": "系统"}})

    return of


@pytest.fixture
def by_page(make: Callable[..., Source]) -> Source:
    """A source that reads pages."""
    return make()


@pytest.fixture
def by_cursor(make: Callable[..., Source]) -> Source:
    """A source that follows cursors; the number of records is not announced."""
    return make(url="{base}/stream", paging=CURSOR, records="data.list", announced=None)


def record(code: str) -> dict[str, object]:
    return {"code": code, "name": "甲", "seen_on": None}


def records(count: int) -> list[dict[str, object]]:
    return [record(f"A{n}") for n in range(count)]


def stored(source: Source) -> list[Path]:
    return list((settings.store() / source.source).iterdir())


def landed(source: Source, warehouse: psycopg.Connection) -> list[str]:
    land_due(source, DAY)
    rows = warehouse.execute(f"select code from landing.{source.source} order by delivery_id, row_no")
    return [code for (code,) in rows]


def test_all_pages_become_one_delivery_once(api: Api, by_page: Source, warehouse: psycopg.Connection) -> None:
    api.records = records(5)
    [delivery_id] = collect(by_page, DAY)
    assert [(asked.query["page"], asked.query["day"]) for asked in api.asked] == [
        (str(number), "2026-03-16") for number in (1, 2, 3)
    ]
    assert collect(by_page, DAY) == []
    land_due(by_page, DAY)
    check_due(by_page, DAY)
    assert warehouse.execute(
        "select announced_rows, received_rows, accepted_rows from landing.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchall() == [(5, 5, 5)]
    assert collect(by_page, DAY) == []
    assert len(stored(by_page)) == 1


def test_cursors_are_followed_to_the_end(api: Api, by_cursor: Source, warehouse: psycopg.Connection) -> None:
    api.records = records(5)
    assert len(collect(by_cursor, DAY)) == 1
    assert api.positions() == ["", "2", "4"]
    assert landed(by_cursor, warehouse) == ["A0", "A1", "A2", "A3", "A4"]


@pytest.mark.parametrize("end", [None, ""])
def test_an_empty_cursor_is_the_end(end: object, api: Api, by_cursor: Source) -> None:
    api.records, api.cursors = records(5), {"2": end}
    assert len(collect(by_cursor, DAY)) == 1
    assert api.positions() == ["", "2"]


def test_a_number_is_a_cursor_and_a_list_is_none(api: Api, by_cursor: Source) -> None:
    api.records, api.cursors = records(5), {"": 4}
    assert len(collect(by_cursor, DAY)) == 1
    assert api.positions() == ["", "4"]
    api.cursors = {"": ["4"]}
    with pytest.raises(FetchError, match=r"'next' is no text and no number.*fetch\.paging\.next"):
        collect(by_cursor, DAY)


def test_a_cursor_that_repeats_is_an_error_and_no_endless_loop(api: Api, by_cursor: Source) -> None:
    api.records, api.cursors = records(6), {"4": "2"}
    with pytest.raises(FetchError, match=r"cursor '2' leads in a circle"):
        collect(by_cursor, DAY)
    assert api.positions() == ["", "2", "4"]


def test_a_chain_of_cursors_without_end_is_an_error(
    api: Api, by_cursor: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_api, "MOST_PAGES", 3)
    api.cursors = {"": "2"} | {str(number): str(number + 2) for number in range(2, 100, 2)}
    with pytest.raises(FetchError, match="without end"):
        collect(by_cursor, DAY)
    assert api.positions() == ["", "2", "4", "6"]


def test_an_api_that_does_not_know_the_page_parameter_is_found_out(api: Api, make: Callable[..., Source]) -> None:
    api.records = records(6)
    wrong = make(query={"page": "1"}, paging={"kind": "page", "number": "pageNo"})
    with pytest.raises(FetchError, match=r"the same records at '1' and '2'.*fetch\.paging"):
        collect(wrong, DAY)


def test_an_api_that_gives_its_last_page_for_every_later_one_is_found_out(
    api: Api, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.records, api.last_page = records(5), 3  # one record on the last page
    monkeypatch.setattr(http_api, "MOST_PAGES", 20)
    with pytest.raises(FetchError, match=r"the same records at '3' and '4'.*fetch\.paging"):
        collect(make(announced=None), DAY)
    assert api.positions() == ["1", "2", "3", "4"]


def test_equal_records_one_by_one_are_no_repeated_page(api: Api, make: Callable[..., Source]) -> None:
    api.records = [record("A1")] * 3
    assert len(collect(make(announced=None, page_size=1), DAY)) == 1
    assert api.positions() == ["1", "2", "3", "4"]


def test_rows_that_were_announced_and_did_not_come_block_the_delivery(
    api: Api, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    api.records, api.announced_extra = [record("A1")], 1
    source = make()
    collect(source, DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    assert result.verdict == "blocked"
    assert "announced 2 rows and 1 arrived" in result.problems[0]


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(
    api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.records, api.failures = [record("A1")], [(503, {}), (429, {}), (500, {})]
    assert len(collect(by_page, DAY)) == 1
    assert len(api.asked) == 4

    monkeypatch.setenv("TEST_API_TOKEN", "wrong-canary")
    with pytest.raises(
        FetchError, match=rf"{by_page.source}: http://127\.0\.0\.1:\d+/records: .*401.*token"
    ) as refused:
        collect(by_page, DAY)
    assert len(api.asked) == 5
    assert "canary" not in caplog.text + str(refused.value) + repr(refused.value.__cause__)


def test_the_pause_that_a_busy_server_asks_for_is_made(api: Api, by_page: Source, pauses: list[float]) -> None:
    clock = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # the server's own, whatever ours says
    dates = {"Date": format_datetime(clock), "Retry-After": format_datetime(clock + dt.timedelta(seconds=90))}
    api.records, api.failures = records(1), [(429, {"Retry-After": "7"}), (503, dates)]
    assert len(collect(by_page, DAY)) == 1
    assert pauses == [7, 90]


def test_a_server_that_asks_for_a_long_pause_is_left_alone(api: Api, by_page: Source, pauses: list[float]) -> None:
    api.records, api.failures = records(1), [(429, {"Retry-After": "3600"})]
    with pytest.raises(FetchError, match=r"429.*pause of 3600 s.*run again later"):
        collect(by_page, DAY)
    assert (len(api.asked), pauses) == (1, [])


def test_a_connection_cut_in_an_answer_is_made_again(api: Api, by_page: Source) -> None:
    api.records, api.broken_off = records(4), ["2"]
    assert len(collect(by_page, DAY)) == 1
    assert api.positions() == ["1", "2", "2"]


@pytest.mark.parametrize("kind", ["by_page", "by_cursor"])
def test_a_pull_that_breaks_off_goes_on_at_its_last_answer(
    kind: str, api: Api, request: pytest.FixtureRequest, warehouse: psycopg.Connection
) -> None:
    source = request.getfixturevalue(kind).model_copy(update={"source": f"http_resumed_{kind}"})
    fourth = {"by_page": "4", "by_cursor": "6"}[kind]
    api.records, api.broken_off = records(9), [fourth] * http_calls.TRIES
    with pytest.raises(FetchError, match=r"no answer after 5 tries.*are kept"):
        collect(source, DAY)
    first = len(api.asked)
    assert len(collect(source, DAY)) == 1
    third, fifth = {"by_page": ("3", "5"), "by_cursor": ("4", "8")}[kind]
    assert api.positions()[first:] == [third, fourth, fifth]
    assert len(stored(source)) == 1
    assert [json.loads(text)["code"] for text in stored(source)[0].read_text().splitlines()] == [
        f"A{number}" for number in range(9)
    ]


@pytest.mark.parametrize("change", ["a new first record", "a corrected last answer", "cursors expired"])
def test_a_pull_that_breaks_off_starts_afresh_when_the_records_changed(
    change: str, api: Api, make: Callable[..., Source]
) -> None:
    source = make(url="{base}/stream", paging=CURSOR, records="data.list", announced=None)
    api.records, api.broken_off = records(8), ["4"] * http_calls.TRIES
    with pytest.raises(FetchError):
        collect(source, DAY)
    if change == "a new first record":
        api.records.insert(0, record("NEW"))
    elif change == "a corrected last answer":
        api.records[3] = record("A3X")
    else:
        api.failures = [(410, {})]
    first = len(api.asked)
    assert len(collect(source, DAY)) == 1
    assert api.positions()[first : first + 4] == ["2", "", "2", "4"]
    assert [json.loads(text)["code"] for text in stored(source)[0].read_text().splitlines()] == [
        entry["code"] for entry in api.records
    ]


def test_a_torn_part_file_is_cut_to_its_last_whole_answer(api: Api, make: Callable[..., Source]) -> None:
    source = make()
    api.records, api.broken_off = records(8), ["4"] * http_calls.TRIES
    with pytest.raises(FetchError):
        collect(source, DAY)
    [part] = (settings.store() / source.source).glob("*.ndjson")
    with part.open("ab") as file:
        file.write(b'{"code": "torn')
    with part.with_suffix(".pages").open("ab") as file:
        file.write(b'{"at": "4", "ne')
    assert len(collect(source, DAY)) == 1
    assert len(stored(source)[0].read_text().splitlines()) == 8


def test_a_number_of_records_that_changes_during_the_pull_starts_it_afresh(
    api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.records = records(4)
    positions = api.positions

    def insert_once(self: object, *args: object) -> object:
        if positions()[-1:] == ["2"] and len(api.records) == 4:
            api.records.insert(0, record("NEW"))
        return real(self, *args)

    real = api.RequestHandlerClass._content
    monkeypatch.setattr(api.RequestHandlerClass, "_content", insert_once)
    assert len(collect(by_page, DAY)) == 1
    assert positions() == ["1", "2", "1", "2", "3"]
    assert len(stored(by_page)[0].read_text().splitlines()) == 5


@pytest.mark.parametrize(("algorithm", "digest"), [("hmac-sha256", "sha256"), ("hmac-sm3", "sm3")])
def test_each_request_is_signed_anew(algorithm: str, digest: str, api: Api, make: Callable[..., Source]) -> None:
    api.records, api.failures = records(1), [(503, {})]
    query = {"day": "{business_day}", "地区": "a b/c&d"}
    source = make(token_env=None, sign={**SIGNATURE, "algorithm": algorithm}, query=query, headers={"X-Caller": "17"})
    assert len(collect(source, DAY)) == 1
    for asked in api.asked:
        parts = urlsplit(asked.path)
        encoded = "&".join(sorted(parts.query.replace("+", "%20").split("&")))
        text = f"GET\n{parts.path}\n{encoded}\n{asked.headers['X-Time']}\n{asked.headers['X-Once']}"
        assert asked.headers["X-Sign"] == hmac.new(b"canary-key", text.encode(), digest).hexdigest()
        assert (asked.headers["X-Caller"], asked.headers["Authorization"]) == ("17", None)
        assert "%E5%9C%B0%E5%8C%BA=a%20b%2Fc%26d" in text
    assert len({asked.headers["X-Once"] for asked in api.asked}) == 2


def test_sm3_is_the_one_of_the_standard() -> None:
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_day_without_records_is_no_delivery(api: Api, by_page: Source, by_cursor: Source) -> None:
    assert collect(by_page, DAY) == []
    assert collect(by_cursor, DAY) == []
    assert stored(by_page) == []


def test_a_record_that_is_no_object_is_one_unreadable_row(
    api: Api, by_page: Source, warehouse: psycopg.Connection
) -> None:
    api.records = [record("A1"), ["A2"]]
    [delivery_id] = collect(by_page, DAY)
    land_due(by_page, DAY)
    check_due(by_page, DAY)
    assert warehouse.execute(
        "select row_no, record from quality.quarantine where delivery_id = %s", (delivery_id,)
    ).fetchall() == [(2, {"_raw": '["A2"]'})]


def test_a_record_in_which_a_name_stands_twice_is_one_unreadable_row(
    api: Api, by_page: Source, warehouse: psycopg.Connection
) -> None:
    twice = '{"code":"A2","name":"x","seen_on":{"d":1.50,"d":[{"甲":1,"甲":2}]},"code":"A3"}'
    api.body = [f'{{"items":[{{"code":"A1","name":"x","seen_on":"2026-03-01"}},{twice}],"total":2}}'.encode()]
    [delivery_id] = collect(by_page, DAY)
    land_due(by_page, DAY)
    check_due(by_page, DAY)
    [(row_no, raw)] = warehouse.execute(
        "select row_no, record ->> '_raw' from quality.quarantine where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert (row_no, raw) == (2, twice.replace("甲", "\\u7532"))


def test_values_arrive_as_they_were_written(api: Api, by_page: Source, warehouse: psycopg.Connection) -> None:
    value = '{"items":[{"code":12345678901234567890.10,"name":{"a":[1.50,"甲",null]},"seen_on":1E2}],"total":1}'
    api.body = [value.encode()]
    assert len(collect(by_page, DAY)) == 1
    land_due(by_page, DAY)
    row = warehouse.execute(f"select code, name, seen_on from landing.{by_page.source}").fetchall()
    assert row == [("12345678901234567890.10", '{"a":[1.50,"甲",null]}', "1E2")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>", "no JSON.*contract"),
        (b"[]", "no JSON object.*contract"),
        (b"[" * 100_000, "the answer is nested too deeply.*operator"),
        (b'{"items": [' + b"[" * 700 + b"]" * 700 + b'], "total": 1}', "a record of .* nested too deeply.*operator"),
        (b'{"items": [], "items": [], "total": 1}', "a name stands twice in the answer.*operator"),
        (b'{"items": {}, "total": 1}', "no list 'items'.*contract"),
        (b'{"items": [], "total": "1"}', "no whole number 'total'.*contract"),
        (b'{"items": [], "total": true}', "no whole number 'total'.*contract"),
    ],
)
def test_an_answer_of_another_shape_is_an_error_and_leaves_nothing(
    answer: bytes, said: str, api: Api, by_page: Source
) -> None:
    api.body = [answer]
    with pytest.raises(FetchError, match=rf"{by_page.source}: http.*{said}"):
        collect(by_page, DAY)
    assert [path.name for path in stored(by_page) if not path.name.startswith(".pull-")] == []


def test_an_endless_answer_is_refused(api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_calls, "ANSWER_BYTES", 1 << 20)
    api.body = [b" " * (1 << 20)] * 1000
    with pytest.raises(FetchError, match=r"exceeds 1 MiB.*fetch\.page_size"):
        collect(by_page, DAY)
    assert len(api.asked) == 1


def test_an_answer_that_trickles_is_refused(api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_calls, "ANSWER_SECONDS", -1)
    api.body = [b" "] * 3
    with pytest.raises(FetchError, match="exceeds"):
        collect(by_page, DAY)


@pytest.mark.parametrize(
    "base", ["http://user:canary@127.0.0.1", "127.0.0.1:80", "file:///etc", "http://h/?key=canary"]
)
def test_an_address_with_a_secret_or_of_another_kind_is_refused(
    base: str, api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_API_URL", base)
    with pytest.raises(FetchError, match="TEST_API_URL") as refused:
        collect(by_page, DAY)
    assert "canary" not in str(refused.value)


def test_a_missing_secret_and_a_server_that_is_down_are_said(
    api: Api, by_page: Source, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_API_URL", "http://127.0.0.1:9")
    with pytest.raises(FetchError, match=rf"{by_page.source}: http://127\.0\.0\.1:9/records: no answer.*run again"):
        collect(by_page, DAY)
    monkeypatch.delenv("TEST_API_KEY")
    with pytest.raises(FetchError, match="TEST_API_KEY is not set"):
        collect(make(sign={**SIGNATURE, "algorithm": "hmac-sm3"}), DAY)
    monkeypatch.setenv("TEST_API_TOKEN", "canary\ntoken")
    with pytest.raises(FetchError, match="TEST_API_TOKEN holds control characters") as refused:
        collect(by_page, DAY)
    assert "canary" not in str(refused.value)


def test_two_pulls_of_one_day_do_not_write_into_one_file(
    api: Api, by_page: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.records = records(3)
    real = http_calls._get
    inner: list[str] = []

    def second_pull(*args: object) -> bytes:
        if not inner:
            inner.append("tried")
            with pytest.raises(FetchError, match="another process is at this pull"):
                collect(by_page, DAY)
            inner.append("refused")
        return real(*args)

    monkeypatch.setattr(http_calls, "_get", second_pull)
    with pytest.raises(Exception, match="no longer current"):  # the later step owns the lease
        collect(by_page, DAY)
    assert inner == ["tried", "refused"]
