"""What a fetch hands over: one immutable file in the store and what is known about it."""

from collections.abc import Generator
from dataclasses import dataclass


@dataclass(frozen=True)
class Arrival:
    """One arrived delivery whose bytes are safe in the store.

    Attributes:
        identity: The same arrival seen twice (a fetch repeated after a crash) has the same identity.
        uri: Where it came from, without secrets.
        profile: Name of the contract's profile, empty when none fits.
        submitter: Who delivered, empty when no profile fits.
        sha256: Hash of the stored bytes, lower-case hex; also names the file in the store.
        size: Number of bytes.
        announced_rows: Rows the source said it would send, None when it does not say.
        watermark: Newest watermark among the rows (exchange tables only).
    """

    identity: str
    uri: str
    profile: str
    submitter: str
    sha256: str
    size: int
    announced_rows: int | None = None
    watermark: str | None = None


Arrivals = Generator[Arrival, None, None]
"""Arrivals as they are fetched: the caller enters each before it asks for the next, and closes the generator."""
