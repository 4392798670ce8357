"""The receiver's SFTP server: one user, one folder per channel, and the faults of ``misbehave.json``."""

import asyncio
import os
import secrets
import socket
import threading
from pathlib import Path
from typing import cast

import asyncssh

from market_regulation import settings
from market_regulation.embedded.private_file import write_private
from market_regulation.sandbox.misbehave import faults

USER = "platform"
_NEVER = 3600  # seconds, longer than anybody waits


def root() -> Path:
    """Folder that the server shows as ``/``."""
    return settings.home() / "sandbox" / "sftp"


class Files(asyncssh.SFTPServer):
    """Serves ``root()``; refuses to write, or never answers the last step of a batch, where a fault says so."""

    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]") -> None:
        super().__init__(channel, chroot=os.fsencode(root()))

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write, unless the disk is said to be full."""
        if "answer_500" in faults():
            raise asyncssh.SFTPNoSpaceOnFilesystem("no space left")
        return cast("int", super().write(file_obj, offset, data))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename; with ``time_out_after_storing`` the answer to the last step of a batch never comes."""
        super().rename(oldpath, newpath)
        if newpath.endswith(b".done") and "time_out_after_storing" in faults():
            await asyncio.sleep(_NEVER)


class Logins(asyncssh.SSHServer):
    """Knows one user by password."""

    def __init__(self, password: str) -> None:
        self._password = password

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Hang up at once while the receiver is down."""
        if "down" in faults():
            conn.abort()

    def password_auth_supported(self) -> bool:
        """Only passwords are taken."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Tell whether this is the user."""
        return username == USER and secrets.compare_digest(password.encode(), self._password.encode())


class SftpServer:
    """The server, in a thread of its own.

    Attributes:
        host: Name by which others reach it.
        port: Where it listens, once started.
        password: The user's password.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._listen_on = host
        self.host = socket.gethostname() if host == "0.0.0.0" else host  # noqa: S104 - every address of a container
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)

    def start(self) -> None:
        """Listen on a free port, and write the host key into ``sandbox/known_hosts``."""
        root().mkdir(parents=True, exist_ok=True)
        self._thread.start()
        key = _host_key()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._listen(key), self._loop).result()
        self.port = self._acceptor.get_port()
        line = f"[{self.host}]:{self.port} {key.export_public_key().decode()}"
        (settings.home() / "sandbox" / "known_hosts").write_text(line, encoding="ascii")

    async def _listen(self, key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: Logins(self.password), self._listen_on, 0, server_host_keys=[key], sftp_factory=Files
        )

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._acceptor.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


def _host_key() -> asyncssh.SSHKey:
    file = settings.home() / "sandbox" / "ssh_host_key"
    if not file.exists():
        write_private(file, asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    return asyncssh.read_private_key(file)
