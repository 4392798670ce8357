"""The sandbox's running systems in one process: the HTTP source API and the receiving systems on every transport.

    python -m market_regulation.sandbox.services

Ends on SIGTERM or SIGINT. The source API listens on ``$SANDBOX_LISTEN`` (``host:port``), by default on a free loopback
port, the receivers' SFTP server and HTTP API on free ports of the same host. While it runs,
``<home>/sandbox/services.json`` holds the address of the source API, and ``<home>/sandbox/channels.json`` (0600) what
the platform needs to reach the receivers.
"""

import json
import logging
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

from market_regulation import settings
from market_regulation.embedded.private_file import write_private_json
from market_regulation.sandbox import api, receiver, receiver_http, receiver_sftp
from market_regulation.sandbox.http_server import HttpServer
from market_regulation.sandbox.receiver_folder import FolderDoor
from market_regulation.sandbox.receiver_intake import HttpDoor

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until told to stop.

    Raises:
        RuntimeError: A server did not start within 30 seconds.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stopping))
    api.token()
    host, _, port = os.environ.get("SANDBOX_LISTEN", "127.0.0.1:0").partition(":")
    source = HttpServer(api.app, host, int(port))
    source.start()
    try:
        with receivers(host):
            _announce(source.address)
            receiver.run(lambda: stopping.is_set() or not source.is_alive(), _doors)
    finally:
        _services_file().unlink(missing_ok=True)
        source.stop()


@contextmanager
def receivers(host: str = "127.0.0.1") -> Iterator[None]:
    """Serve SFTP and HTTP on free ports and write down how the platform reaches them.

    Raises:
        RuntimeError: A server did not start.
    """
    folder = settings.home() / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    sftp, http, key = receiver_sftp.SftpServer(host), HttpServer(receiver_http.app, host), secrets.token_hex(32)
    write_private_json(folder / "receiver_keys.json", {"algorithm": "hmac-sha256", "own": key, "other": key})
    sftp.start()
    http.start()
    write_private_json(
        folder / "channels.json",
        {
            "sftp_url": f"sftp://{receiver_sftp.USER}@{sftp.host}:{sftp.port}/",
            "sftp_password": sftp.password,
            "http_url": http.address,
            "http_signature": "hmac-sha256",
            "http_key": key,
        },
    )
    try:
        yield
    finally:
        http.stop()
        sftp.stop()


def _doors(own: psycopg.Connection) -> list[receiver.Door]:
    return [FolderDoor(receiver_sftp.root()), HttpDoor(own)]


def _setter(stopping: threading.Event) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    return stop


def _announce(address: str) -> None:
    temporary = _services_file().with_suffix(".part")
    temporary.write_text(json.dumps({"api": address}) + "\n", encoding="utf-8")
    temporary.replace(_services_file())
    log.info("source API at %s", address)


def _services_file() -> Path:
    return settings.home() / "sandbox" / "services.json"


if __name__ == "__main__":
    main()
