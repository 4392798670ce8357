"""Send what the outbox holds: withdrawals first, each version after the one before it is settled.

The lease ``deliver.<channel>`` lets one sender at a time take effect. Each batch is three steps: made in the warehouse,
written by the transport, marked as written in the warehouse. A crash or a time-out between them leaves a batch whose
outcome is unknown; the next sender writes the same number with the same content again before it makes another. One
that is known not to have been taken is dissolved, and what else is due goes on in the same run.
"""

import datetime as dt
import logging
from dataclasses import dataclass

import psycopg

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.disclosure import batches, dictionary, refusals
from market_regulation.disclosure.adopt import adopt
from market_regulation.disclosure.channels.contract import (
    BatchAlteredError,
    BatchRefusedError,
    ChannelError,
    Head,
    Transport,
    connect,
)
from market_regulation.disclosure.feed import SCHEMA_VERSION
from market_regulation.disclosure.parcel import Parcel
from market_regulation.failpoints import hit

log = logging.getLogger(__name__)


@dataclass
class Delivered:
    """What one run did: batches and rows sent; batches taken up again, found altered by somebody else, refused."""

    batches: int = 0
    rows: int = 0
    resumed: int = 0
    altered: int = 0
    refused: int = 0


def deliver(day: dt.date, channel: str = "gsxt") -> Delivered:
    """Send every row of ``channel`` that is due; ``day`` is the business day of the batches.

    Raises:
        StaleLeaseError: Another sender took over; this one has marked nothing since.
        ChannelError: The receiver cannot be reached, or its answer is none. What was in hand is unknown until a later
            run writes it again, after the wait that the retry schedule prescribes; what was sent before stays sent.
        psycopg.Error: A database failed; as above.
    """
    done = Delivered()
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        token = lease.take(warehouse, f"deliver.{channel}")
        transport = batches.transport_of(warehouse, channel)
        warehouse.commit()
        try:
            with connect(channel, transport) as link:
                sender = _Sender(channel, day, token, warehouse, link)
                sender.begin()
                sender.resume(done)
                while done.refused < refusals.MOST and sender.send_next(done):
                    pass
        except (ChannelError, psycopg.Error):
            _postpone(warehouse, channel, token)
            raise
    log.info("deliver %s for %s: %s", channel, day, done)
    return done


@dataclass(frozen=True)
class _Sender:
    """One run's lease on one channel, and its connections."""

    channel: str
    day: dt.date
    token: int
    warehouse: psycopg.Connection
    link: Transport

    def begin(self) -> None:
        """Before anything is sent: take over what the receiver holds and we do not know, lay the dictionary out."""
        self._hold()
        adopt(self.warehouse, self.link, self.channel, self.day)
        self.warehouse.commit()
        try:
            self.link.ship_dictionary(SCHEMA_VERSION, dictionary.text(self.channel))
        except ChannelError as error:
            log.warning("%s: the data dictionary was not laid out, the records go on: %s", self.channel, error)
        hit("deliver.begun")

    def resume(self, done: Delivered) -> None:
        """Write the batch whose outcome is unknown, if it is time to; until it is written there is no other one."""
        head = batches.unwritten(self.warehouse, self.channel)
        if head is None or not batches.is_due(self.warehouse, head):
            self.warehouse.commit()
            return
        self._hold()
        batches.count_try(self.warehouse, head)
        self.warehouse.commit()
        hit("deliver.resumed")
        done.resumed += 1
        self._write(head, done)

    def send_next(self, done: Delivered) -> bool:
        """Make the next batch and write it; False when nothing is left to send now."""
        self._hold()
        head = None
        if batches.unwritten(self.warehouse, self.channel) is None:
            head = batches.make(self.warehouse, self.channel, self.day)
        if head is None:
            self.warehouse.rollback()
            return False
        hit("deliver.before_take")
        self.warehouse.commit()
        hit("deliver.taken")
        self._write(head, done)
        return True

    def _write(self, head: Head, done: Delivered) -> None:
        try:
            self.link.write(head, Parcel(self.warehouse, head.batch_no))
        except BatchAlteredError as error:
            log.critical("%s: it is not written again, find out who changed it", error)
            done.altered += 1
        except BatchRefusedError as error:
            self._dissolve(head, error)
            done.refused += 1
            return
        self.warehouse.commit()
        hit("deliver.written")
        self._hold()
        batches.mark_written(self.warehouse, head)
        hit("deliver.before_mark")
        self.warehouse.commit()
        hit("deliver.marked")
        done.batches += 1
        done.rows += head.rows

    def _dissolve(self, head: Head, refused: BatchRefusedError) -> None:
        self.warehouse.rollback()  # what the parcel had open
        self._hold()
        refusals.dissolve(self.warehouse, head, refused)
        self.warehouse.commit()
        hit("deliver.dissolved")

    def _hold(self) -> None:
        lease.hold(self.warehouse, f"deliver.{self.channel}", self.token)


def _postpone(warehouse: psycopg.Connection, channel: str, token: int) -> None:
    """After a failure: let the batch in hand wait, if the warehouse still answers and the lease is ours."""
    if warehouse.broken:
        return
    warehouse.rollback()
    lease.hold(warehouse, f"deliver.{channel}", token)
    batches.postpone(warehouse, channel)
    warehouse.commit()
