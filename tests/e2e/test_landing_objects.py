"""Objects of a bucket of a real S3 service: each content is taken once, none is changed or mixed with another."""

import datetime as dt
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.sources import object_store
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import FetchError

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
TEXT = "编号,名称,日期\nA1,甲,2026-03-01\n"


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Address of an S3 service."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(service: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the service with one bucket, ``agency``, and the platform's key in the environment."""
    _tell(service, "reset", b"")
    monkeypatch.setenv("TEST_S3_KEY_ID", "canary-id")
    monkeypatch.setenv("TEST_S3_SECRET", "canary-secret")
    client = _client("s3", service)
    client.create_bucket(Bucket="agency")
    return client


def _tell(service: str, command: str, data: bytes) -> None:
    """Tell the service to forget everything, or to check keys after so many calls."""
    header = {"Content-Type": "text/plain"}
    httpx.post(f"{service}/moto-api/{command}", content=data, headers=header).raise_for_status()


def _client(name: str, service: str) -> Any:
    return boto3.client(
        name, endpoint_url=service, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )


@pytest.fixture
def make(
    make_source: Callable[..., Source], platform_home: object, service: str, request: pytest.FixtureRequest
) -> Callable[..., Source]:
    """Make a source that reads the bucket below ``out/``; keyword arguments change ``fetch``."""

    def of(**changes: object) -> Source:
        fetch = {"kind": "object_store", "endpoint": service, "bucket": "agency", "prefix": "out/"}
        secrets = {"key_id_env": "TEST_S3_KEY_ID", "secret_env": "TEST_S3_SECRET"}
        name = f"s3_{zlib.crc32(request.node.name.encode())}"
        return make_source(name, fetch={**fetch, **secrets, **changes})

    return of


def put(s3: Any, key: str, text: str = TEXT) -> None:
    s3.put_object(Bucket="agency", Key=key, Body=text.encode())


def test_an_object_is_taken_once_and_stays(
    s3: Any, make: Callable[..., Source], warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make()
    put(s3, "out/2026/03/a.csv")
    put(s3, "other/b.csv")
    [delivery_id] = collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    found = warehouse.execute(
        "select uri, submitter, accepted_rows from landing.delivery where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert found == [("s3://agency/out/2026/03/a.csv", "tester", 1)]
    assert s3.list_objects_v2(Bucket="agency")["KeyCount"] == 2

    monkeypatch.setattr(object_store, "_take", None)
    assert collect(source, DAY) == []


def test_another_content_under_the_same_key_is_another_delivery(
    s3: Any, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    source = make()
    for text in (TEXT, TEXT.replace("甲", "乙")):
        put(s3, "out/a.csv", text)
        assert len(collect(source, DAY)) == 1
    found = warehouse.execute("select count(distinct sha256) from landing.delivery where source = %s", (source.source,))
    assert found.fetchone() == (2,)


def test_every_version_is_taken_in_order_where_the_bucket_keeps_them(
    s3: Any, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    s3.put_bucket_versioning(Bucket="agency", VersioningConfiguration={"Status": "Enabled"})
    for name in "甲乙丙丁甲":  # S3 tells the time of a version in seconds, and these are of one or two
        put(s3, "out/a.csv", TEXT.replace("甲", name))
    source = make(versions=True)
    assert len(collect(source, DAY)) == 5
    land_due(source, DAY)
    assert collect(source, DAY) == []
    assert len({arrival for (arrival,) in warehouse.execute(
        "select arrival from landing.delivery where source = %s", (source.source,))}) == 5  # fmt: skip
    landed = warehouse.execute(f"select name from landing.{source.source} order by delivery_id").fetchall()
    assert landed == [
        ("甲",),
        ("乙",),
        ("丙",),
        ("丁",),
    ]  # the fifth waits for the check of the first, which has the same bytes


def test_folders_hidden_and_unfinished_objects_are_left(s3: Any, make: Callable[..., Source]) -> None:
    for key in ("out/", "out/.hidden", "out/.tmp/a.csv", "out/a.csv.part"):
        put(s3, key, "" if key.endswith("/") else TEXT)
    assert collect(make(), DAY) == []


def test_an_object_of_many_pieces_arrives_whole(
    s3: Any, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "READ_AT_ONCE", 1000)
    text = TEXT + "".join(f"B{n},乙,2026-03-02\n" for n in range(200))
    put(s3, "out/a.csv", text)
    source = make()
    assert len(collect(source, DAY)) == 1
    [stored] = (settings.store() / source.source).iterdir()
    assert stored.read_text() == text


@pytest.mark.parametrize("change", ["replaced", "deleted"])
def test_an_object_that_changes_while_it_is_read_is_left_for_the_next_time(
    change: str, s3: Any, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "out/a.csv", TEXT * 10)
    real = object_store.open_store

    def open_store(*args: Any) -> Any:
        writer = real(*args)
        write = writer.write

        def after_first_piece(data: bytes) -> None:
            write(data)
            if change == "replaced":
                put(s3, "out/a.csv", TEXT * 11)
            else:
                s3.delete_object(Bucket="agency", Key="out/a.csv")

        writer.write = after_first_piece
        return writer

    monkeypatch.setattr(object_store, "READ_AT_ONCE", 100)
    monkeypatch.setattr(object_store, "open_store", open_store)
    source = make()
    assert collect(source, DAY) == []
    assert list((settings.store() / source.source).iterdir()) == []


def test_a_wrong_key_is_refused_without_being_shown(
    s3: Any,
    service: str,
    make: Callable[..., Source],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    iam = _client("iam", service)
    iam.create_user(UserName="platform")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="platform", PolicyName="all", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="platform")["AccessKey"]
    put(s3, "out/a.csv")
    _tell(service, "reset-auth", b"0")
    source = make()
    try:
        for key_id, secret in [("AKIAUNKNOWN", "canary-secret"), (key["AccessKeyId"], "canary-secret")]:
            monkeypatch.setenv("TEST_S3_KEY_ID", key_id)
            monkeypatch.setenv("TEST_S3_SECRET", secret)
            with pytest.raises(
                FetchError, match=rf"{source.source}.*{service}/agency/out/.*check the access key"
            ) as no:
                collect(source, DAY)
            assert "canary-secret" not in str(no.value) + caplog.text
        monkeypatch.setenv("TEST_S3_SECRET", key["SecretAccessKey"])
        assert len(collect(source, DAY)) == 1
    finally:
        _tell(service, "reset-auth", b"1e12")


def test_a_bucket_that_is_not_there_a_missing_secret_and_a_dead_service_are_said(
    s3: Any, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FetchError, match=r"no such bucket.*fetch\.bucket"):
        collect(make(bucket="nobody"), DAY)
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:9/agency.*cannot be listed.*check endpoint"):
        collect(make(endpoint="http://127.0.0.1:9"), DAY)
    monkeypatch.delenv("TEST_S3_SECRET")
    with pytest.raises(FetchError, match="TEST_S3_SECRET is not set"):
        collect(make(), DAY)


@pytest.mark.parametrize("name", ["a b.csv", "{{ 7*7 }}.csv", "恶\u202e意.csv", "a?b#c%2e.csv"])
def test_a_key_is_only_data(name: str, s3: Any, make: Callable[..., Source], warehouse: psycopg.Connection) -> None:
    put(s3, f"out/{name}")
    source = make()
    [delivery_id] = collect(source, DAY)
    uri = warehouse.execute("select uri from landing.delivery where delivery_id = %s", (delivery_id,)).fetchone()
    assert uri == (f"s3://agency/out/{name}",)
    assert [path.suffix for path in (settings.store() / source.source).iterdir()] == [".csv"]
