"""A TCP proxy that loses, cuts, delays and swallows what passes through it, from a chosen place on."""

import socket
import struct
import threading
import time

MODES = ("reset", "lost_reply", "half_reply", "slow", "blackhole")


class FaultProxy:
    """Forwards to a port of this machine; ``arm`` switches one fault on, ``heal`` all off.

    Attributes:
        port: Where it listens.
        sent: Bytes that passed towards the server on the newest connection.
    """

    def __init__(self, target: int) -> None:
        self.target, self.sent = target, 0
        self._mode, self._trigger, self._delay = "", b"", 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, mode: str, trigger: bytes | int, delay: float = 0.0) -> None:
        """From the bytes ``trigger``, or after so many bytes towards the server, do as ``mode`` says."""
        self._mode, self._trigger, self._delay = mode, trigger, delay

    def heal(self) -> None:
        """Forward everything."""
        self._mode = ""

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sent, tripped = 0, threading.Event()
            for work in (self._forward, self._reply):
                threading.Thread(target=work, args=(client, server, tripped), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, tripped: threading.Event) -> None:
        """Towards the server; trips when the trigger passes."""
        try:
            while data := client.recv(1 << 16):
                if self._mode and isinstance(self._trigger, int) and self.sent + len(data) > self._trigger:
                    tripped.set()
                    if self._mode == "reset":
                        server.sendall(data[: max(0, self._trigger - self.sent)])
                        self._cut(client, server)
                        return
                if self._mode and isinstance(self._trigger, bytes) and self._trigger in data:
                    tripped.set()
                    if self._mode == "reset":
                        self._cut(client, server)
                        return
                if not (tripped.is_set() and self._mode == "blackhole"):
                    server.sendall(data)
                self.sent += len(data)
        except OSError:
            pass
        server.close()

    def _reply(self, client: socket.socket, server: socket.socket, tripped: threading.Event) -> None:
        """Towards the client."""
        try:
            while data := server.recv(1 << 16):
                if tripped.is_set() and self._mode == "lost_reply":
                    self._cut(client, server)
                    return
                if tripped.is_set() and self._mode == "half_reply":
                    client.sendall(data[: len(data) // 2])
                    self._cut(client, server)
                    return
                if tripped.is_set() and self._mode == "slow":
                    time.sleep(self._delay)
                client.sendall(data)
        except OSError:
            pass
        client.close()

    @staticmethod
    def _cut(*ends: socket.socket) -> None:
        """Close so that the other side sees a reset."""
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()
