"""Ask the receiver what it shows and compare it with what should be public.

What is missing or stale is sent again, the same version under a new sending key. What is shown without any version of
ours behind it is never touched: it may be another sender's, and raises the highest alarm. The answer also resolves
what is unknown: a version that is shown was received, even when its receipt was lost.
"""

import datetime as dt
import logging
import time
import uuid
from pathlib import Path

import psycopg

from market_regulation import settings
from market_regulation.disclosure.feed import receipt_wait
from market_regulation.disclosure.pipe import pipe
from market_regulation.failpoints import hit

POLL = 0.2  # seconds between two looks

log = logging.getLogger(__name__)

_COMPARE = Path(__file__).with_name("reconcile.sql").read_bytes()

_ASK = """
insert into outbound.inventory_request (request_id, channel, business_day)
values (%(request_id)s, %(channel)s, %(day)s)
returning asked_at
"""

_ANSWERED = """
select a.items, (select count(*) from inbound.inventory as i where i.request_id = a.request_id)
from inbound.inventory_answer as a
where a.request_id = %(request_id)s
"""

_SHOWN = """
create temporary table shown (
    record_id text primary key, version integer, payload_sha256 text, published_on date, visible boolean
) on commit drop
"""

_SHOWN_OUT = """
copy (
    select record_id, version, payload_sha256, published_on, visible from inbound.inventory
    where request_id = %(request_id)s
) to stdout
"""

# What the receiver holds exactly as the ledger means it: so it was received, whatever became of its receipt.
_HELD = """
create temporary table held on commit drop as
select record_id, r.version, s.published_on
from shown as s
inner join disclosure.record as r using (record_id, version)
where r.channel = %(channel)s
    and (
        s.visible and s.payload_sha256 = r.payload_sha256 and r.op in ('UPSERT', 'CORRECT', 'RESUME')
        or not s.visible and r.op in ('WITHDRAW', 'STOP', 'SUSPEND')
    )
"""

_RECEIVED = """
insert into disclosure.receipt (
    receipt_id, channel, batch_no, record_id, version, verdict, message, published_on, business_day, received_at
)
select
    'inventory:' || %(request_id)s || ':' || record_id, %(channel)s, coalesce(o.batch_no, ''), record_id, version,
    'accepted', 'held according to the inventory', h.published_on, %(day)s, %(asked_at)s
from held as h
left join disclosure.outbox as o using (record_id, version)
where not exists (
    select from disclosure.receipt as a
    where a.record_id = h.record_id
        and a.version = h.version
        and a.verdict <> 'rejected'
        and a.received_at <= %(asked_at)s
)
"""

_SETTLE = """
delete from disclosure.outbox as o
using held as h
where o.state in ('sent', 'unknown') and o.record_id = h.record_id and o.version <= h.version
"""

_FORGET = "delete from disclosure.reconciliation where business_day = %(day)s and channel = %(channel)s"

# Sent, not held, and its time is up: it is sent again.
_SEND_UNANSWERED_AGAIN = """
update disclosure.outbox
set state = 'queued', sending_key = %(request_id)s, lease_token = null, batch_no = null, sent_at = null
where channel = %(channel)s and state = 'sent' and next_try_at <= now()
"""

# A lost or overtaken copy is repaired with the version it should show, unless a later version is already under way.
_SEND_AGAIN = """
insert into disclosure.outbox (record_id, version, channel, state, op, seq, sending_key)
select r.record_id, r.version, r.channel, 'queued', r.op, r.seq, %(request_id)s
from disclosure.reconciliation as c
inner join disclosure.record as r on c.record_id = r.record_id and c.our_version = r.version
where c.business_day = %(day)s
    and c.channel = %(channel)s
    and c.result in ('missing', 'stale')
    and not exists (
        select from disclosure.outbox as o where o.record_id = r.record_id and o.version >= r.version
    )
"""

_RESULTS = """
select result, count(*), (array_agg(record_id order by record_id))[:10]
from disclosure.reconciliation
where business_day = %(day)s and channel = %(channel)s
group by result
"""

# Answers are as large as the public set; what they said is in disclosure.reconciliation.
_REMOVE_ANSWERS = """
delete from inbound.inventory
where request_id in (
    select request_id from outbound.inventory_request where channel = %(channel)s and asked_at <= %(asked_at)s
)
"""

_ALARM = {"match": logging.INFO, "missing": logging.ERROR, "stale": logging.ERROR, "extra": logging.CRITICAL}


class InventoryUnansweredError(RuntimeError):
    """The receiver did not say, or not completely, what it shows: nothing was compared. Try again when it is up."""


def reconcile(day: dt.date, channel: str = "gsxt") -> dict[str, int]:
    """Compare the public copy with the ledger and return the number of records by result.

    The comparison replaces an earlier one of the same ``day`` (a business day) in ``disclosure.reconciliation``.

    Raises:
        InventoryUnansweredError: No complete answer came within ``$RECEIPT_WAIT_SECONDS``.
        psycopg.Error: A database failed; nothing was compared.
    """
    with (
        psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse,
        psycopg.connect(settings.dsn("exchange", "publisher")) as exchange,
    ):
        values: dict[str, object] = {"request_id": f"{channel}-{day}-{uuid.uuid4()}", "channel": channel, "day": day}
        values["asked_at"] = _ask(exchange, values)
        warehouse.execute(_SHOWN)
        pipe(exchange.cursor(), _SHOWN_OUT, warehouse.cursor(), "copy shown from stdin", values)
        warehouse.execute("analyze shown")
        statements = (_HELD, _RECEIVED, _SETTLE, _FORGET, _COMPARE, _SEND_UNANSWERED_AGAIN, _SEND_AGAIN)
        for statement in statements:
            warehouse.execute(statement, values)
        results = _report(warehouse, values)
        hit("reconcile.before_commit")
        warehouse.commit()
        hit("reconcile.committed")
        exchange.execute(_REMOVE_ANSWERS, values)
    return results


def _ask(exchange: psycopg.Connection, values: dict[str, object]) -> dt.datetime:
    """Ask for an inventory, wait until it is complete, and return when it was asked for (the exchange's clock)."""
    asked_at: dt.datetime
    ((asked_at,),) = exchange.execute(_ASK, values).fetchall()
    exchange.commit()
    hit("reconcile.asked")
    end = time.monotonic() + receipt_wait()
    while True:
        answer = exchange.execute(_ANSWERED, values).fetchone()
        exchange.commit()
        if answer is not None and answer[0] == answer[1]:
            return asked_at
        if time.monotonic() > end:
            said = "no answer" if answer is None else f"{answer[1]} of {answer[0]} items"
            raise InventoryUnansweredError(
                f"inventory {values['request_id']}: {said} within {receipt_wait():g} s, nothing was compared;"
                " see whether the receiver is up and run again"
            )
        time.sleep(POLL)


def _report(warehouse: psycopg.Connection, values: dict[str, object]) -> dict[str, int]:
    """Log each result with the records to look at first, and return the counts (0 where nothing was found)."""
    results = dict.fromkeys(_ALARM, 0)
    for result, count, examples in warehouse.execute(_RESULTS, values):
        results[result] = count
        if result != "match":
            log.log(_ALARM[result], "%s: %d records %s, first: %s", values["channel"], count, result, examples)
    log.info("reconciliation of %s for %s: %s", values["channel"], values["day"], results)
    return results
