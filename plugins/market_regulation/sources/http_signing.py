"""Signed requests: an HMAC over what is asked, when, and a number used once."""

import hmac
import secrets
import time
from collections.abc import Generator
from urllib.parse import quote

import httpx

from market_regulation.sources.fetching import Signature

_DIGESTS = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}


class Signer(httpx.Auth):
    """Signs every request anew, repeated ones too, as ``fetching.Signature`` describes."""

    def __init__(self, signature: Signature, key: str) -> None:
        self._signature, self._key = signature, key.encode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add time, nonce and signature to the request's headers."""
        moment, nonce = str(time.time_ns() // 1_000_000), secrets.token_hex(16)
        text = "\n".join([request.method, _path(request.url), _sorted_query(request.url), moment, nonce])
        names = self._signature.headers
        digest = hmac.new(self._key, text.encode(), _DIGESTS[self._signature.algorithm]).hexdigest()
        request.headers.update({names.timestamp: moment, names.nonce: nonce, names.signature: digest})
        yield request


def _path(url: httpx.URL) -> str:
    return url.raw_path.partition(b"?")[0].decode("ascii")


def _sorted_query(url: httpx.URL) -> str:
    pairs = [(quote(name, safe="-._~"), quote(value, safe="-._~")) for name, value in url.params.multi_items()]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
