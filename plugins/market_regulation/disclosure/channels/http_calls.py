"""Signed calls to a receiver's HTTP API. An answer counts when it is whole, signed as agreed, and JSON."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import IO, Any

import httpx

from market_regulation.disclosure import feed
from market_regulation.disclosure.channels import account
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.disclosure.channels.signing import ALGORITHMS, answer_text, is_signed, request_text, sign

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Keys:
    """How both sides sign.

    Attributes:
        algorithm: One of ``signing.ALGORITHMS``.
        own: The key this side signs with.
        other: The key the other side's signatures are checked with.
    """

    algorithm: str
    own: str
    other: str


@dataclass(frozen=True)
class Body:
    """What a request carries: a file at its beginning, with length and SHA-256 of its bytes."""

    file: IO[bytes]
    size: int
    sha256: str
    media_type: str

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        self.file.seek(0)
        while block := self.file.read(_BLOCK):
            yield block


class RefusedError(ChannelError):
    """The receiver answered, as agreed, that it refuses; ``status`` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def keys(channel: str) -> Keys:
    """Return how the channel signs: ``<CHANNEL>_HTTP_SIGNATURE``, ``_KEY`` and ``_ANSWER_KEY``, else the sandbox's.

    Raises:
        ChannelError: The algorithm is not known or a key is missing.
    """
    found = {
        name: account.given(channel, name)
        or ("" if account.given(channel, "HTTP_URL") else account.sandbox(name.lower()))
        for name in ("HTTP_SIGNATURE", "HTTP_KEY", "HTTP_ANSWER_KEY")
    }
    algorithm = found["HTTP_SIGNATURE"] or "none"
    if algorithm not in ALGORITHMS:
        raise ChannelError(f"channel {channel}: signature {algorithm!r} is not one of {', '.join(ALGORITHMS)}")
    own = found["HTTP_KEY"] or ""
    other = found["HTTP_ANSWER_KEY"] or (own if algorithm.startswith("hmac") else "")
    if algorithm != "none" and not (own and other):
        missing = account.variable(channel, "HTTP_KEY" if not own else "HTTP_ANSWER_KEY")
        raise ChannelError(f"channel {channel}: {missing} is not set, which {algorithm} needs")
    return Keys(algorithm, own, other)


class Calls:
    """Calls to one API; every one may be made again."""

    def __init__(self, client: httpx.Client, base: str, signing: Keys) -> None:
        self._client, self._base, self._keys = client, base.rstrip("/"), signing

    def get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """Return the object that the API answers.

        Raises:
            RefusedError: It refuses.
            ChannelError: No whole answer as agreed: nothing is known.
        """
        return self._call("GET", path, query, None, {})

    def put(self, path: str, body: Body, headers: dict[str, str]) -> dict[str, Any]:
        """Send the body to its place and return the object that the API answers; raises as ``get`` does."""
        return self._call("PUT", path, {}, body, headers)

    def _call(
        self, method: str, path: str, query: dict[str, str], body: Body | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        url = httpx.URL(self._base + path, params=sorted(query.items()) or None)
        nonce, moment = token_hex(16), str(time.time_ns() // 1_000_000)
        sha256 = body.sha256 if body else hashlib.sha256(b"").hexdigest()
        text = request_text(method, url.path, url.query.decode(), moment, nonce, sha256)
        signed = {
            "X-Sender": feed.source_uscc(), "X-Timestamp": moment, "X-Nonce": nonce, "X-Content-SHA256": sha256,
            "X-Signature": sign(self._keys.algorithm, self._keys.own, text),
        }  # fmt: skip
        if body:
            signed |= {"Content-Length": str(body.size), "Content-Type": body.media_type}
        content = body.blocks() if body else None
        place = f"{method} {url.copy_with(query=None)}"
        try:
            response = self._client.request(method, url, headers=headers | signed, content=content)
        except httpx.HTTPError as error:
            raise ChannelError(f"{place}: {error or type(error).__name__}: unknown whether it was done") from error
        return self._checked(place, response, nonce)

    def _checked(self, place: str, response: httpx.Response, nonce: str) -> dict[str, Any]:
        text = answer_text(response.status_code, nonce, response.content)
        if not is_signed(self._keys.algorithm, self._keys.other, text, response.headers.get("X-Signature", "")):
            raise ChannelError(
                f"{place}: {response.status_code} without the receiver's signature: it counts for nothing"
            )
        try:
            said = json.loads(response.content)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise ChannelError(f"{place}: {response.status_code} without a whole answer: unknown whether it was done")
        if response.is_success:
            return said
        message = f"{place}: {response.status_code} {said.get('error_code', '')} {said.get('message', '')}"
        if response.is_client_error:
            raise RefusedError(message, response.status_code)
        raise ChannelError(message)


def client() -> httpx.Client:
    """Return a client that follows no redirection and waits for each step as long as ``feed`` says."""
    verify = os.environ.get("CHANNEL_CA_FILE") or True
    return httpx.Client(timeout=feed.channel_timeout(), trust_env=False, verify=verify)
