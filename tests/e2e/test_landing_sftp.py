"""SFTP folders against a real SSH server: whole files are taken once, only from the host that is known."""

import datetime as dt
import logging
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import psycopg
import pytest
from sftp_server import PASSWORD, Server

from market_regulation import settings
from market_regulation.landing import check_due, collect, land_due
from market_regulation.sources import sftp
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import FetchError

pytestmark = pytest.mark.e2e
DAY = dt.date(2026, 3, 16)
TEXT = "编号,名称,日期\nA1,甲,2026-03-01\n"
LONG_AGO = time.time() - 3600


@pytest.fixture
def server(platform_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that is known and whose password is in the environment."""
    folder = tmp_path / "remote"
    (folder / "out").mkdir(parents=True)
    made = Server(folder)
    made.start()
    (tmp_path / "known_hosts").write_text(made.known_hosts_line())
    monkeypatch.setenv("SFTP_KNOWN_HOSTS", str(tmp_path / "known_hosts"))
    monkeypatch.setenv("TEST_SFTP_PASSWORD", PASSWORD)
    yield made
    made.stop()


@pytest.fixture
def make(make_source: Callable[..., Source], server: Server, request: pytest.FixtureRequest) -> Callable[..., Source]:
    """Make a source that reads the folder ``/out`` of the server; keyword arguments change ``fetch``."""

    def of(**changes: object) -> Source:
        fetch = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "agency", "folder": "/out"}
        name = f"sftp_{zlib.crc32(request.node.name.encode())}"
        return make_source(name, fetch={**fetch, "password_env": "TEST_SFTP_PASSWORD", **changes})

    return of


def put(server: Server, name: str, data: bytes | str = TEXT, changed: float = LONG_AGO) -> Path:
    path = server.folder / "out" / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (changed, changed))
    return path


def names(server: Server, folder: str = "out") -> list[str]:
    return sorted(path.name for path in (server.folder / folder).iterdir() if path.is_file())


def test_a_file_is_taken_once_from_a_server_on_which_nothing_may_be_changed(
    server: Server, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    source = make()
    put(server, "a.csv")
    [delivery_id] = collect(source, DAY)
    land_due(source, DAY)
    check_due(source, DAY)
    found = warehouse.execute(
        "select uri, submitter, accepted_rows from landing.delivery where delivery_id = %s", (delivery_id,)
    ).fetchall()
    assert found == [(f"sftp://127.0.0.1:{server.port}/out/a.csv", "tester", 1)]
    assert names(server) == ["a.csv"]

    server.bytes_read = 0
    assert collect(source, DAY) == []
    assert server.bytes_read == 0


def test_an_entered_file_is_moved_away_and_its_name_may_come_again(
    server: Server, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    source = make(done="done")
    for content, entered in [(TEXT, 1), (TEXT.replace("甲", "乙"), 1), (TEXT, 0)]:  # same size, same second
        put(server, "a.csv", content)
        assert len(collect(source, DAY)) == entered
        assert names(server) == []
    moved = {path.read_text() for path in (server.folder / "out" / "done").iterdir()}
    assert moved == {TEXT, TEXT.replace("甲", "乙")}
    assert len(names(server, "out/done")) == 2


def test_two_files_of_one_name_are_two_deliveries_in_the_order_they_came(
    server: Server, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    source = make()
    put(server, "b.csv", TEXT, LONG_AGO)
    put(server, "a.csv", TEXT.replace("甲", "乙"), LONG_AGO + 10)
    assert len(collect(source, DAY)) == 2
    put(server, "b.csv", TEXT.replace("甲", "丙"), LONG_AGO + 20)
    assert len(collect(source, DAY)) == 1
    uris = warehouse.execute(
        "select right(uri, 5), sha256 from landing.delivery where source = %s order by delivery_id", (source.source,)
    ).fetchall()
    assert [uri for uri, _ in uris] == ["b.csv", "a.csv", "b.csv"]
    assert len({sha256 for _, sha256 in uris}) == 3


def test_unfinished_young_hidden_linked_files_and_folders_wait(
    server: Server, make: Callable[..., Source], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret").write_text("root:x")
    (server.folder / "out" / "link.csv").symlink_to(tmp_path / "secret")
    (server.folder / "out" / "folder.csv").mkdir()
    put(server, ".hidden.csv")
    put(server, "copied.csv.part")
    young = put(server, "young.csv", changed=time.time())
    put(server, "future.csv", changed=time.time() + 8 * 3600)
    assert collect(make(), DAY) == []
    assert "future.csv" in caplog.text
    os.utime(young, (LONG_AGO, LONG_AGO))
    assert len(collect(make(), DAY)) == 1


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_time(
    server: Server, make: Callable[..., Source]
) -> None:
    server.grows = path = put(server, "a.csv")
    source = make()
    assert collect(source, DAY) == []
    assert list((settings.store() / source.source).iterdir()) == []
    server.grows = None
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert len(collect(source, DAY)) == 1


def test_a_file_that_was_replaced_after_it_was_read_is_not_moved_away(
    server: Server, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, real = make(done="done"), sftp.keep
    path = put(server, "a.csv")

    def keep(*given: object) -> object:
        put(server, "a.csv", TEXT + "A2,乙,2026-03-01\n", LONG_AGO + 10)
        return real(*given)

    monkeypatch.setattr(sftp, "keep", keep)
    assert len(collect(source, DAY)) == 1
    monkeypatch.setattr(sftp, "keep", real)
    assert (path.exists(), "'a.csv' was replaced after it was read" in caplog.text) == (True, True)
    assert len(collect(source, DAY)) == 1
    assert (names(server), len(names(server, "out/done"))) == ([], 1)


def test_a_connection_cut_in_the_middle_leaves_nothing_and_is_made_good(
    server: Server, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    content = TEXT + "".join(f"B{n},乙,2026-03-02\n" for n in range(400_000))
    put(server, "a.csv", changed=LONG_AGO - 1)
    put(server, "b.csv", content)
    source, server.cut_at = make(), 5_000_000
    with pytest.raises(FetchError, match=rf"(?s){source.source}.*127\.0\.0\.1.*b\.csv.*run again"):
        collect(source, DAY)
    assert len(list((settings.store() / source.source).iterdir())) == 1
    assert len(collect(source, DAY)) == 1
    found = warehouse.execute(
        "select bytes from landing.delivery where source = %s order by delivery_id", (source.source,)
    ).fetchall()
    assert found == [(len(TEXT.encode()),), (len(content.encode()),)]


@pytest.mark.parametrize("known", ["another key", "no line", "no file"])
def test_a_host_that_is_not_known_gets_no_password(
    known: str, server: Server, make: Callable[..., Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    lines = {"another key": f"[127.0.0.1]:{server.port} {other}", "no line": f"example.org {other}"}
    if known in lines:
        (tmp_path / "known_hosts").write_text(lines[known])
    else:
        (tmp_path / "known_hosts").unlink()
    asked: list[str] = []
    monkeypatch.setattr("sftp_server.Logins.begin_auth", lambda _, user: asked.append(user) or True, raising=False)
    put(server, "a.csv")
    with pytest.raises(FetchError, match=r"(?s)known_hosts.*ssh-keyscan -p \d+ 127\.0\.0\.1"):
        collect(make(), DAY)
    assert asked == []


def test_a_refused_login_names_the_variable_and_nothing_secret(
    server: Server, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("TEST_SFTP_PASSWORD", "wrong-canary")
    with pytest.raises(FetchError, match=r"refuses the login of agency.*TEST_SFTP_PASSWORD") as refused:
        collect(make(), DAY)
    monkeypatch.delenv("TEST_SFTP_PASSWORD")
    with pytest.raises(FetchError, match="TEST_SFTP_PASSWORD is not set"):
        collect(make(), DAY)
    assert "canary" not in caplog.text + str(refused.value) + repr(refused.value.__cause__)


def test_a_key_file_with_a_passphrase_logs_in(
    server: Server, make: Callable[..., Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.user_key = asyncssh.generate_private_key("ssh-ed25519")
    server.user_key.write_private_key(tmp_path / "key", "pkcs8-pem", passphrase="canary-phrase")
    monkeypatch.setenv("TEST_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("TEST_PASSPHRASE", "canary-phrase")
    login = {"password_env": None, "key_file_env": "TEST_KEY_FILE", "passphrase_env": "TEST_PASSPHRASE"}
    put(server, "a.csv")
    assert len(collect(make(**login), DAY)) == 1
    monkeypatch.setenv("TEST_PASSPHRASE", "wrong")
    with pytest.raises(FetchError, match="TEST_KEY_FILE names cannot be read"):
        collect(make(**login), DAY)


def test_a_server_that_is_down_and_a_folder_that_is_not_there_are_said(
    server: Server, make: Callable[..., Source]
) -> None:
    with pytest.raises(FetchError, match=r"/none cannot be listed.*fetch\.folder"):
        collect(make(folder="/none"), DAY)
    source = make()
    server.acceptor.close()
    with pytest.raises(FetchError, match="cannot be reached"):
        collect(source, DAY)


def test_a_file_that_may_not_be_read_does_not_hold_up_the_others(
    server: Server, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncssh.SFTPServer.open

    def refuse(self: object, path: bytes, *args: object) -> object:
        if path.endswith(b"a.csv"):
            raise asyncssh.SFTPPermissionDenied("no")
        return real(self, path, *args)

    monkeypatch.setattr("sftp_server.Files.open", refuse, raising=False)
    source = make()
    put(server, "a.csv", changed=LONG_AGO - 1)
    put(server, "b.csv")
    with pytest.raises(FetchError, match=r"'a\.csv': no"):
        collect(source, DAY)
    assert [path.suffix for path in (settings.store() / source.source).iterdir()] == [".csv"]


@pytest.mark.parametrize("name", ["..x", "a b.csv", "{{ 7*7 }}.csv", "恶\u202e意.csv", "x" * 240, b"\xd6\xd0.csv"])
def test_a_name_is_only_data(
    name: str | bytes, server: Server, make: Callable[..., Source], warehouse: psycopg.Connection
) -> None:
    source = make()
    put(server, os.fsdecode(name))
    entered = collect(source, DAY)
    assert len(entered) == (0 if name == "..x" else 1)
    uri = warehouse.execute("select uri from landing.delivery where delivery_id = any(%s)", (entered,)).fetchall()
    shown = "中.csv" if isinstance(name, bytes) else name
    assert uri == [(f"sftp://127.0.0.1:{server.port}/out/{shown}",)] * len(entered)


def test_a_server_that_lists_names_with_path_parts_is_not_followed(
    server: Server, make: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(server, "a.csv")

    async def scandir(self: object, path: bytes) -> object:
        attributes = asyncssh.SFTPAttrs.from_local((server.folder / "out" / "a.csv").stat())
        for listed in (b"../../etc/passwd", b"/etc/passwd", b"sub/a.csv"):
            yield asyncssh.SFTPName(listed, attrs=attributes)

    monkeypatch.setattr("sftp_server.Files.scandir", scandir, raising=False)
    source = make()
    assert collect(source, DAY) == []
    assert not (settings.store() / source.source).exists()
