"""Signatures of requests and answers: known vectors, and nothing forged passes."""

import pytest

from market_regulation.disclosure.channels.signing import is_signed, public_key, sign

PRIVATE = "00b9ab0b828ff68872f21a837fc303668428dea11dcd1b24429d0c99e24eed83"
TEXT = b"PUT\n/batches/1"


def test_macs_are_those_of_other_implementations() -> None:
    # openssl dgst -hmac key (-sha256, -sm3) over the three bytes "abc"
    assert sign("hmac-sha256", "key", b"abc") == "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"
    assert sign("hmac-sm3", "key", b"abc") == "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393"
    assert sign("none", "", b"abc") == ""


@pytest.mark.parametrize(
    ("algorithm", "own", "other"),
    [("hmac-sha256", "s", "s"), ("hmac-sm3", "s", "s"), ("sm2", PRIVATE, public_key(PRIVATE))],
)
def test_only_the_signature_of_this_text_passes(algorithm: str, own: str, other: str) -> None:
    signature = sign(algorithm, own, TEXT)
    assert is_signed(algorithm, other, TEXT, signature)
    assert not is_signed(algorithm, other, TEXT + b"x", signature)
    assert not is_signed(algorithm, other, TEXT, "")
    assert not is_signed(algorithm, other, TEXT, signature[:-1] + ("0" if signature[-1] != "0" else "1"))
    assert not is_signed(algorithm, other, TEXT, "签名")


def test_an_sm2_public_key_that_begins_with_04_is_not_cut() -> None:
    private = next(f"{n:064x}" for n in range(2, 2000) if public_key(f"{n:064x}").startswith("04"))
    assert is_signed("sm2", public_key(private), TEXT, sign("sm2", private, TEXT))
