"""What a transport does for a channel, and what passes between the two sides of the house.

A transport is a module of this package with one function ``connect(channel)``; the row of the channel in
``disclosure.channel`` names it. The warehouse side (ledger, outbox, batch numbers, receipts kept) stands in
``disclosure`` and knows no transport; a transport knows no table of the warehouse.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from market_regulation.disclosure.parcel import Parcel

_NO_ROWS: Mapping[tuple[str, int], str] = MappingProxyType({})


class ChannelError(RuntimeError):
    """The receiver cannot be reached, refuses, or answers what is no answer. What was in hand is unknown: ask later."""


class BatchAlteredError(ChannelError):
    """Under the number of our batch lies another content than ours: somebody else wrote it."""


class BatchRefusedError(ChannelError):
    """A batch is known not to have been taken, and its content is the reason: its number may carry another content.

    ``rows`` names those of its rows (record_id, version) that are known to be the reason, with an error code each.
    """

    def __init__(self, message: str, rows: Mapping[tuple[str, int], str] = _NO_ROWS) -> None:
        super().__init__(message)
        self.rows = rows


class InventoryUnansweredError(ChannelError):
    """The receiver did not say, or not completely, what it shows: nothing was compared. Try again when it is up."""


@dataclass(frozen=True)
class Head:
    """Head of a batch, the same on every transport (domain.md 8.4).

    Attributes:
        batch_no: ``{source USCC}{yyyymmdd}{letters of the channel}{4 digits}``, without gaps.
        content_sha256: SHA-256 of the lines ``record_id,version,op,row_hash`` in order of record_id, version.
        previous_batch: The batch made before this one on the channel; None for the first.
        chain_head: Head of the ledger when the batch was made, ``{seq}:{row_sha256}``: receivers are witnesses.
        first_event_on: Earliest business day on which one of its rows entered the ledger.
        last_event_on: Latest such day.
    """

    batch_no: str
    channel: str
    rows: int
    content_sha256: str
    previous_batch: str | None
    schema_version: str
    chain_head: str
    business_day: dt.date
    first_event_on: dt.date
    last_event_on: dt.date


class Receipt(NamedTuple):
    """The receiver's answer to one version; with an empty ``record_id`` and version 0, to a whole batch."""

    receipt_id: str
    channel: str
    batch_no: str
    record_id: str
    version: int
    verdict: str
    field: str | None
    error_code: str | None
    message: str | None
    receiver_id: str | None
    published_on: dt.date | None
    business_day: dt.date
    received_at: dt.datetime


class Shown(NamedTuple):
    """One record as the receiver holds it; hashes are computed by the receiver from what it holds.

    ``attachments`` are the hashes of its documents in ascending order, joined by commas; ``payload`` (JSON text) is
    present when the inventory was asked for with content.
    """

    record_id: str
    version: int
    op: str
    record_type: str
    payload_sha256: str
    published_on: dt.date | None
    visible: bool
    attachments: str
    payload: str | None


class Inventory(NamedTuple):
    """Everything the receiver holds of a channel as of ``taken_at`` (the clock of its receipts)."""

    taken_at: dt.datetime
    items: Iterator[Shown]


class Transport(Protocol):
    """A channel's connection for one run. Every method may raise ChannelError or psycopg.Error."""

    def heads(self, known: Collection[str]) -> list[Head]:
        """Return the heads of the batches that lie at the other side, but those known, in the order they were made."""

    def write(self, head: Head, parcel: "Parcel") -> None:
        """Write a batch whole or not at all; one that lies there already is left. Known to lie there on return.

        Raises:
            BatchAlteredError: A batch of this number lies there with another content.
            BatchRefusedError: It does not lie there, and will not by being written again.
        """

    def receipts(self, since: dt.datetime) -> Iterator[Receipt]:
        """Yield the answers received since then; a further call yields what came after the call before."""

    def inventory(self, request_id: str, day: dt.date, *, with_content: bool) -> Inventory:
        """Ask what is held and wait for the whole answer.

        Raises:
            InventoryUnansweredError: No complete answer came in time.
        """

    def ship_dictionary(self, version: str, text: str) -> None:
        """Lay the data dictionary of the feed beside the batches; it replaces another text of the same version."""


def in_order(heads: Collection[Head]) -> list[Head]:
    """Return the heads in the order in which they name each other; what names nothing among them comes first."""
    following = {head.previous_batch: head for head in heads}
    inside = {head.batch_no for head in heads}
    ordered: list[Head] = []
    for first in sorted((h for h in heads if h.previous_batch not in inside), key=lambda h: h.batch_no):
        head: Head | None = first
        while head is not None and len(ordered) < len(heads):
            ordered.append(head)
            head = following.get(head.batch_no)
    return ordered


def connect(channel: str, transport: str) -> AbstractContextManager[Transport]:
    """Return the connection of a channel by the named module of this package.

    Raises:
        ChannelError: There is no such transport, or the receiver cannot be reached.
    """
    name = f"market_regulation.disclosure.channels.{transport}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ChannelError(f"channel {channel}: there is no transport {transport!r}") from error
    opened: AbstractContextManager[Transport] = module.connect(channel)
    return opened
