"""Ask the receiver what it shows and compare it with what should be public.

What is missing or stale is sent again, the same version under a new sending key. What is shown without any version of
ours behind it is never touched: it may be another sender's, and raises the highest alarm. The answer also resolves
what is unknown: a version that is shown was received, even when its receipt was lost.
"""

import datetime as dt
import logging
import uuid
from pathlib import Path

import psycopg

from market_regulation import settings
from market_regulation.disclosure import batches, report
from market_regulation.disclosure.adopt import fill_shown
from market_regulation.disclosure.channels.contract import connect
from market_regulation.failpoints import hit

log = logging.getLogger(__name__)

_COMPARE = Path(__file__).with_name("reconcile.sql").read_bytes()

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
    'accepted', 'held according to the inventory', h.published_on, %(day)s, %(taken_at)s
from held as h
left join disclosure.outbox as o using (record_id, version)
where not exists (
    select from disclosure.receipt as a
    where a.record_id = h.record_id
        and a.version = h.version
        and a.verdict <> 'rejected'
        and a.received_at <= %(taken_at)s
)
"""

_SETTLE = """
delete from disclosure.outbox as o
using held as h
where o.state = 'sent' and o.record_id = h.record_id and o.version <= h.version
"""

_FORGET = "delete from disclosure.reconciliation where business_day = %(day)s and channel = %(channel)s"

# Sent, not held, and its time is up: it is sent again.
_SEND_UNANSWERED_AGAIN = """
update disclosure.outbox
set state = 'queued', batch_no = null, sent_at = null
where channel = %(channel)s and state = 'sent' and next_try_at <= now()
"""

# A lost or overtaken copy is repaired with the version it should show, unless a later version is already under way.
_SEND_AGAIN = """
insert into disclosure.outbox (record_id, version, channel, state, op, seq)
select r.record_id, r.version, r.channel, 'queued', r.op, r.seq
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

_ALARM = {"match": logging.INFO, "missing": logging.ERROR, "stale": logging.ERROR, "extra": logging.CRITICAL}


def reconcile(day: dt.date, channel: str = "gsxt") -> dict[str, int]:
    """Compare the public copy with the ledger and return the number of records by result.

    The comparison replaces an earlier one of the same ``day`` (a business day) in ``disclosure.reconciliation`` and on
    the day's page under ``reports/``.

    Raises:
        InventoryUnansweredError: No complete answer came within ``$RECEIPT_WAIT_SECONDS``.
        ChannelError: The receiver cannot be reached; nothing was compared.
        psycopg.Error: A database failed; nothing was compared.
    """
    request_id = f"{channel}-{day}-{uuid.uuid4()}"
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        transport = batches.transport_of(warehouse, channel)
        warehouse.commit()
        with connect(channel, transport) as link:
            inventory = link.inventory(request_id, day, with_content=False)
            fill_shown(warehouse, inventory.items)
            hit("reconcile.read")
            values: dict[str, object] = {"request_id": request_id, "channel": channel, "day": day}
            values["taken_at"] = inventory.taken_at
            statements = (_HELD, _RECEIVED, _SETTLE, _FORGET, _COMPARE, _SEND_UNANSWERED_AGAIN, _SEND_AGAIN)
            for statement in statements:
                warehouse.execute(statement, values)
            results = _report(warehouse, values)
            hit("reconcile.before_commit")
            warehouse.commit()
        hit("reconcile.committed")
        report.write(warehouse, day)
    return results


def _report(warehouse: psycopg.Connection, values: dict[str, object]) -> dict[str, int]:
    """Log each result with the records to look at first, and return the counts (0 where nothing was found)."""
    results = dict.fromkeys(_ALARM, 0)
    for result, count, examples in warehouse.execute(_RESULTS, values):
        results[result] = count
        if result != "match":
            log.log(_ALARM[result], "%s: %d records %s, first: %s", values["channel"], count, result, examples)
    log.info("reconciliation of %s for %s: %s", values["channel"], values["day"], results)
    return results
