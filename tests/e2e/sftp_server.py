"""A real SSH server with one SFTP folder, in a thread of the test process."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import asyncssh

PASSWORD = "canary-password"


class Files(asyncssh.SFTPServer):
    """Serves ``Server.folder`` as the root; misbehaves as its server says."""

    def __init__(self, channel: Any, server: "Server") -> None:
        super().__init__(channel, chroot=os.fsencode(server.folder))
        self.server = server

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        """Read; cut the connection or let the file grow at the offset that the test chose."""
        self.server.bytes_read += size
        if self.server.cut_at is not None and offset >= self.server.cut_at:
            self.server.cut_at = None
            self.connection.abort()
        if self.server.grows:
            with self.server.grows.open("ab") as file:
                file.write(b"A9,x,2026-03-01\n")
        return bytes(super().read(file_obj, offset, size))


class Logins(asyncssh.SSHServer):
    """Knows the user ``agency`` by password or by key."""

    def __init__(self, server: "Server") -> None:
        self.server = server

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("agency", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = self.server.user_key
        return username == "agency" and known is not None and key.public_data == known.public_data


class Server:
    """The server; tests change what it does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key: asyncssh.SSHKey | None = None
        self.cut_at: int | None = None
        self.grows: Path | None = None
        self.bytes_read = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen on a free port."""
        self.thread.start()
        self.acceptor = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result()
        self.port = self.acceptor.get_port()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: Logins(self),
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            sftp_factory=lambda channel: Files(channel, self),
        )

    def known_hosts_line(self) -> str:
        """The server's line in a known_hosts file."""
        return f"[127.0.0.1]:{self.port} {self.host_key.export_public_key().decode()}"

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self.loop.call_soon_threadsafe(self.acceptor.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()
