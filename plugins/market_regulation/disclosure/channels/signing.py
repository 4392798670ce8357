"""Signatures of requests and answers: none, HMAC-SHA256, HMAC-SM3, or SM2 with SM3 (domain.md 8.2).

A request signs the lines method, path, query, time (milliseconds since 1970), nonce and SHA-256 of the body; an answer
signs the lines status, nonce of the request and SHA-256 of its body, so that it answers this request and no other.
"""

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmssl.sm2 import CryptSM2

ALGORITHMS = ("none", "hmac-sha256", "hmac-sm3", "sm2")
_DIGESTS = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}
_SM2_DIGITS = 64  # hexadecimal digits of a private key and of each half of a public key


def request_text(method: str, path: str, query: str, moment: str, nonce: str, body_sha256: str) -> bytes:
    """Return what the signature of a request is over."""
    return "\n".join([method, path, query, moment, nonce, body_sha256]).encode()


def answer_text(status: int, nonce: str, body: bytes) -> bytes:
    """Return what the signature of an answer is over."""
    return "\n".join([str(status), nonce, hashlib.sha256(body).hexdigest()]).encode()


def sign(algorithm: str, key: str, text: bytes) -> str:
    """Return the signature in hexadecimal, empty for ``none``.

    Args:
        algorithm: One of ``ALGORITHMS``.
        key: Shared secret of an HMAC; private key of SM2 (64 hexadecimal digits).
        text: What is signed.
    """
    if algorithm == "none":
        return ""
    if algorithm == "sm2":
        # gmssl's own choice of the random number is no secret one
        return str(_sm2(key, public_key(key)).sign_with_sm3(text, secrets.token_hex(_SM2_DIGITS // 2)))
    return hmac.new(key.encode(), text, _DIGESTS[algorithm]).hexdigest()


def is_signed(algorithm: str, key: str, text: bytes, signature: str) -> bool:
    """Tell whether the signature is that of the text; ``key`` is the shared secret, or the other side's public key."""
    if algorithm == "none":
        return True
    if algorithm == "sm2":
        is_hex = len(signature) == 2 * _SM2_DIGITS and all(digit in "0123456789abcdef" for digit in signature)
        return is_hex and bool(_sm2("", key).verify_with_sm3(signature, text))
    return hmac.compare_digest(sign(algorithm, key, text).encode(), signature.encode())


def public_key(private_key: str) -> str:
    """Return the public key (128 hexadecimal digits) of an SM2 private key."""
    crypt = _sm2(private_key, "")
    return str(crypt._kg(int(private_key, 16), crypt.ecc_table["g"]))  # noqa: SLF001 - gmssl has no public function


def _sm2(private: str, public: str) -> "CryptSM2":
    from gmssl.sm2 import CryptSM2

    crypt = CryptSM2(private_key=private, public_key="")
    crypt.public_key = public  # its constructor strips digits of keys that begin with 04
    return crypt
