"""Send what the outbox holds: withdrawals first, each version after the one before it is settled.

The lease ``deliver.<channel>`` lets one sender at a time take effect. Each batch is three transactions: take rows
(warehouse), write the batch (channel), mark the rows as sent (warehouse). A crash between them leaves rows in state
unknown, and the next sender asks the channel what became of them before it writes anything.
"""

import datetime as dt
import logging
from dataclasses import dataclass

import psycopg

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.disclosure import exchange_db
from market_regulation.failpoints import hit

BATCH = 5_000  # rows per batch, domain.md 8.4

log = logging.getLogger(__name__)

_TAKEN = """
create temporary table taken (
    record_id text, version integer, record_type text, op text, reason_code text, row_hash text, sending_key text,
    attempts integer
)
"""

# WITHDRAW never waits. Everything else waits until no earlier version of its record is under way, and what changes
# or ends a publication also until the receiver acknowledged one. What another sender left unknown is taken over.
_TAKE = """
with due as (
    select o.record_id, o.version
    from disclosure.outbox as o
    where o.channel = %(channel)s
        and o.state in ('queued', 'unknown')
        and o.lease_token is distinct from %(token)s
        and o.next_try_at <= now()
        and (
            o.op = 'WITHDRAW'
            or (
                not exists (
                    select from disclosure.outbox as e
                    where e.record_id = o.record_id and e.version < o.version and e.state <> 'rejected'
                )
                and (
                    o.op = 'UPSERT'
                    or exists (
                        select from disclosure.receipt as r
                        where r.record_id = o.record_id and r.version < o.version and r.verdict <> 'rejected'
                    )
                )
            )
        )
    order by (o.op <> 'WITHDRAW'), o.seq
    limit %(batch)s
    for update
),

took as (
    update disclosure.outbox as o
    set state = 'unknown', lease_token = %(token)s, attempts = o.attempts + 1
    from due
    where o.record_id = due.record_id and o.version = due.version
    returning o.record_id, o.version, o.op, o.sending_key, o.attempts
)

insert into taken (record_id, version, record_type, op, reason_code, row_hash, sending_key, attempts)
select t.record_id, t.version, r.record_type, t.op, r.reason_code, r.payload_sha256, t.sending_key, t.attempts
from took as t
inner join disclosure.record as r using (record_id, version)
"""

# The next try, should no answer come: 1, 5, 15, 60 minutes, then hourly (domain.md 8.4).
_MARK_SENT = """
update disclosure.outbox as o
set state = 'sent', batch_no = %(batch_no)s, sent_at = now(),
    next_try_at = now() + (array[interval '1 min', '5 min', '15 min', '60 min'])[least(o.attempts, 4)]
from taken as t
where o.record_id = t.record_id and o.version = t.version and o.lease_token = %(token)s
"""

_MARK_FOUND = """
with found as (
    select * from unnest(
        %(records)s::text[], %(versions)s::integer[], %(batches)s::text[], %(times)s::timestamptz[], %(same)s::boolean[]
    ) as f (record_id, version, batch_no, written_at, is_same)
),

marked as (
    update disclosure.outbox as o
    set state = case when f.is_same then 'sent' else 'rejected' end,
        error_code = case when not f.is_same then 'E204' end,
        batch_no = f.batch_no, sent_at = f.written_at,
        next_try_at = now() + (array[interval '1 min', '5 min', '15 min', '60 min'])[least(o.attempts, 4)]
    from found as f
    where o.record_id = f.record_id and o.version = f.version and o.lease_token = %(token)s
)

delete from taken as t
using found as f
where t.record_id = f.record_id and t.version = f.version
"""

_POSTPONE = """
update disclosure.outbox
set next_try_at = now() + (array[interval '1 min', '5 min', '15 min', '60 min'])[least(attempts, 4)]
where channel = %(channel)s and state = 'unknown' and lease_token = %(token)s
"""


@dataclass
class Delivered:
    """What one run sent: batches and rows written; rows an earlier try had written, with our content or another."""

    batches: int = 0
    rows: int = 0
    found: int = 0
    refused: int = 0


def deliver(day: dt.date, channel: str = "gsxt") -> Delivered:
    """Send every row of ``channel`` that is due; ``day`` is the business day of the batches.

    Raises:
        StaleLeaseError: Another sender took over; this one has marked nothing since.
        psycopg.Error: A database failed. What was in hand is unknown until a later run asks for it, after the wait
            that the retry schedule prescribes; everything sent before it stays sent.
    """
    done = Delivered()
    with (
        psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse,
        psycopg.connect(settings.dsn("exchange", "publisher")) as exchange,
    ):
        sender = _Sender(channel, day, lease.take(warehouse, f"deliver.{channel}"), warehouse, exchange)
        warehouse.commit()
        warehouse.execute(_TAKEN)
        while sender.take():
            try:
                sender.settle_earlier_try(done)
                sender.send(done)
            except psycopg.Error:
                sender.postpone()
                raise
    log.info("deliver %s for %s: %s", channel, day, done)
    return done


@dataclass(frozen=True)
class _Sender:
    """One run's lease on one channel, and its connections; each method is one or two whole transactions."""

    channel: str
    day: dt.date
    token: int
    warehouse: psycopg.Connection
    exchange: psycopg.Connection

    def take(self) -> int:
        """Fill ``taken`` with the next rows to send and tell how many they are."""
        self._hold()
        self.warehouse.execute("truncate taken")
        values = {"channel": self.channel, "token": self.token, "batch": BATCH}
        count = self.warehouse.execute(_TAKE, values).rowcount
        self.warehouse.commit()
        hit("deliver.taken")
        return count

    def settle_earlier_try(self, done: Delivered) -> None:
        """Mark what an earlier try wrote, if this is not the first, and strike it off ``taken``."""
        found = exchange_db.find_written(self.warehouse, self.exchange)
        refused = [row for row in found if not row.is_same]
        for row in refused:
            log.critical(
                "record %s version %s lies in batch %s with another content than the ledger's: it is not sent again,"
                " find out who wrote it", row.record_id, row.version, row.batch_no
            )  # fmt: skip
        names = ("records", "versions", "batches", "times", "same")
        columns = {name: [row[i] for row in found] for i, name in enumerate(names)}
        self._hold()
        self.warehouse.execute(_MARK_FOUND, {**columns, "token": self.token})
        self.warehouse.commit()
        done.found += len(found) - len(refused)
        done.refused += len(refused)

    def send(self, done: Delivered) -> None:
        """Write the rest of ``taken`` as one batch and mark it as sent."""
        ((count,),) = self.warehouse.execute("select count(*) from taken").fetchall()
        if count == 0:
            return
        batch_no = exchange_db.write(self.warehouse, self.exchange, self.channel, self.day)
        self.warehouse.commit()
        hit("deliver.written")
        self._hold()
        self.warehouse.execute(_MARK_SENT, {"batch_no": batch_no, "token": self.token})
        hit("deliver.before_mark")
        self.warehouse.commit()
        hit("deliver.marked")
        done.batches += 1
        done.rows += count

    def postpone(self) -> None:
        """After a failure: let the rows in hand wait as the retry schedule says, if the warehouse still answers."""
        self.exchange.close()
        if not self.warehouse.broken:
            self.warehouse.rollback()
            self.warehouse.execute(_POSTPONE, {"channel": self.channel, "token": self.token})
            self.warehouse.commit()

    def _hold(self) -> None:
        lease.hold(self.warehouse, f"deliver.{self.channel}", self.token)
