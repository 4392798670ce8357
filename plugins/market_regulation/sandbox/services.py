"""The sandbox's running systems in one process: the HTTP source API and the receiving system.

    python -m market_regulation.sandbox.services

Ends on SIGTERM or SIGINT. The API listens on ``$SANDBOX_LISTEN`` (``host:port``), by default on a free loopback
port; ``<home>/sandbox/services.json`` holds its address while it runs.
"""

import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from market_regulation import settings
from market_regulation.sandbox import api, receiver

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until told to stop.

    Raises:
        RuntimeError: The API did not start within 30 seconds.
    """
    import uvicorn

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stopping))
    api.token()
    host, _, port = os.environ.get("SANDBOX_LISTEN", "127.0.0.1:0").partition(":")
    listener = socket.create_server((host, int(port)))
    server = uvicorn.Server(uvicorn.Config(api.app, log_level="warning", access_log=False))
    serving = threading.Thread(target=server.run, args=([listener],), name="source api", daemon=True)
    serving.start()
    _await_started(server, serving)
    _announce("{}:{}".format(*listener.getsockname()))
    try:
        receiver.run(lambda: stopping.is_set() or not serving.is_alive(), ())
    finally:
        _services_file().unlink(missing_ok=True)
        server.should_exit = True
        serving.join(timeout=10)


def _setter(stopping: threading.Event) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    return stop


def _await_started(server: "uvicorn.Server", serving: threading.Thread) -> None:
    end = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > end or not serving.is_alive():
            raise RuntimeError("the source API did not start: its log above says why")
        time.sleep(0.05)


def _announce(address: str) -> None:
    temporary = _services_file().with_suffix(".part")
    temporary.write_text(json.dumps({"api": f"http://{address}"}) + "\n", encoding="utf-8")
    temporary.replace(_services_file())
    log.info("source API at %s", address)


def _services_file() -> Path:
    return settings.home() / "sandbox" / "services.json"


if __name__ == "__main__":
    main()
