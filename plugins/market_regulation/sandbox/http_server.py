"""An HTTP application served in a thread of this process."""

import socket
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

START_SECONDS = 30


class HttpServer:
    """Serves one application; it listens from the beginning, and answers once started.

    Attributes:
        address: ``http://host:port`` by which others reach it.
    """

    def __init__(self, app: "FastAPI", host: str = "127.0.0.1", port: int = 0) -> None:
        import uvicorn

        self._listener = socket.create_server((host, port))
        name = socket.gethostname() if host == "0.0.0.0" else host  # noqa: S104 - every address of a container
        self.address = f"http://{name}:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name=app.title, daemon=True)

    def start(self) -> None:
        """Serve.

        Raises:
            RuntimeError: It did not start within 30 seconds.
        """
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > end or not self.is_alive():
                raise RuntimeError(f"{self._thread.name} did not start: its log above says why")
            time.sleep(0.05)

    def is_alive(self) -> bool:
        """Tell whether it still serves."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End; what is being answered has a few seconds."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
