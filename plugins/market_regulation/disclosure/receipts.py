"""Fetch the receiver's answers and settle the outbox by them.

A receipt counts only when it names a batch in which that version was really sent; anything else changes nothing and is
reported. What is fetched is a difference of sets, not a position: every receipt within the time window that the
warehouse does not hold yet, whenever it was committed.
"""

import datetime as dt
import logging
import time
from dataclasses import dataclass, field

import psycopg

from market_regulation import settings
from market_regulation.disclosure.feed import receipt_wait
from market_regulation.disclosure.pipe import pipe
from market_regulation.failpoints import hit

OVERLAP = dt.timedelta(days=2)
POLL = 0.2  # seconds between two looks

log = logging.getLogger(__name__)

# No answer to an unsettled row is older than its sending; two days more catch late commits and stray receipts.
_SINCE = """
select least(min(sent_at), now()) - %(overlap)s
from disclosure.outbox
where channel = %(channel)s and state = 'sent'
"""

_ARRIVED = """
create temporary table arrived (
    receipt_id text, channel text, batch_no text, record_id text, version integer, verdict text, field text,
    error_code text, message text, receiver_id text, published_on date, business_day date, received_at timestamptz,
    is_ours boolean
) on commit delete rows
"""

_FETCHED_OUT = """
copy (select receipt_id from disclosure.receipt where channel = %(channel)s and received_at >= %(since)s) to stdout
"""

_ARRIVE = """
insert into arrived
select
    r.receipt_id, r.channel, r.batch_no, r.record_id, r.version, r.verdict, r.field, r.error_code, r.message,
    r.receiver_id, r.published_on, r.business_day, r.received_at,
    exists (
        select from outbound.sending as s
        where s.record_id = r.record_id and s.version = r.version and s.batch_no = r.batch_no and s.channel = r.channel
    )
from inbound.receipt as r
where r.channel = %(channel)s
    and r.received_at >= %(since)s
    and not exists (select from fetched as f where f.receipt_id = r.receipt_id)
"""

_KEEP = """
insert into disclosure.receipt (
    receipt_id, channel, batch_no, record_id, version, verdict, field, error_code, message, receiver_id, published_on,
    business_day, received_at
)
select
    receipt_id, channel, batch_no, record_id, version, verdict, field, error_code, message, receiver_id, published_on,
    business_day, received_at
from arrived
where is_ours
on conflict do nothing
"""

# One acceptance settles a sending, whatever else arrives for it. A version refused because a higher one is held
# (E203) is settled too: the higher one is ours.
_SETTLE = """
with answer as (
    select
        o.record_id,
        o.version,
        bool_or(r.verdict <> 'rejected') as is_accepted,
        max(r.error_code) as error_code,
        bool_and(r.error_code = 'E203') and exists (
            select from disclosure.record as higher
            where higher.record_id = o.record_id and higher.version > o.version
        ) as is_superseded
    from disclosure.outbox as o
    inner join disclosure.receipt as r
        on o.record_id = r.record_id and o.version = r.version and o.batch_no = r.batch_no
    where o.channel = %(channel)s and o.state = 'sent'
    group by o.record_id, o.version
),

settled as (
    delete from disclosure.outbox as o
    using answer as a
    where o.record_id = a.record_id and o.version = a.version and (a.is_accepted or a.is_superseded)
    returning a.is_accepted
),

refused as (
    update disclosure.outbox as o
    set state = 'rejected', error_code = a.error_code
    from answer as a
    where o.record_id = a.record_id
        and o.version = a.version
        and (a.is_accepted or a.is_superseded) is not true
    returning coalesce(a.error_code, 'none') as error_code
)

select
    (select count(*) from settled where is_accepted) as acknowledged,
    (select count(*) from settled where not is_accepted) as superseded,
    (select coalesce(jsonb_object_agg(error_code, n), '{}') from (
        select error_code, count(*) as n from refused group by error_code
    ) as by_code) as refused
"""

_STRAY = "select receipt_id, batch_no, version from arrived where not is_ours order by 1 limit 100"

_UNANSWERED = "select count(*) from disclosure.outbox where channel = %(channel)s and state = 'sent'"


@dataclass
class Collected:
    """What one run fetched: rows settled, refused by error code, receipts that fit nothing we sent, rows still open."""

    acknowledged: int = 0
    superseded: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    stray: int = 0
    unanswered: int = 0


def collect(channel: str = "gsxt") -> Collected:
    """Fetch answers until every sent row has one, at most ``$RECEIPT_WAIT_SECONDS``.

    What stays unanswered is unknown, not failed: it stays in the outbox and the inventory resolves it.

    Raises:
        psycopg.Error: A database failed; what was fetched before is kept.
    """
    collected = Collected()
    end = time.monotonic() + receipt_wait()
    with (
        psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse,
        psycopg.connect(settings.dsn("exchange", "publisher")) as exchange,
    ):
        window = {"channel": channel, "since": _prepare(warehouse, exchange, channel)}
        while True:
            _fetch(warehouse, exchange, window, collected)
            if collected.unanswered == 0 or time.monotonic() > end:
                break
            time.sleep(POLL)
    log.log(logging.WARNING if collected.unanswered else logging.INFO, "receipts of %s: %s", channel, collected)
    return collected


def _prepare(warehouse: psycopg.Connection, exchange: psycopg.Connection, channel: str) -> dt.datetime:
    """Tell the exchange session which receipts the warehouse holds since the beginning of the window; return that."""
    since: dt.datetime
    ((since,),) = warehouse.execute(_SINCE, {"channel": channel, "overlap": OVERLAP}).fetchall()
    warehouse.execute(_ARRIVED)
    exchange.execute(_ARRIVED)
    exchange.execute("create temporary table fetched (receipt_id text primary key)")
    values = {"channel": channel, "since": since}
    pipe(warehouse.cursor(), _FETCHED_OUT, exchange.cursor(), "copy fetched from stdin", values)
    exchange.execute("analyze fetched")
    warehouse.commit()
    exchange.commit()
    return since


def _fetch(
    warehouse: psycopg.Connection, exchange: psycopg.Connection, window: dict[str, object], collected: Collected
) -> None:
    """Take over what arrived since the last look, and settle the outbox by all answers known."""
    exchange.execute(_ARRIVE, window)
    pipe(exchange.cursor(), "copy arrived to stdout", warehouse.cursor(), "copy arrived from stdin")
    exchange.execute("insert into fetched select receipt_id from arrived")
    exchange.commit()
    for receipt_id, batch_no, version in warehouse.execute(_STRAY).fetchall():
        log.error("receipt %r (batch %r, version %s) answers nothing we sent: ignored", receipt_id, batch_no, version)
        collected.stray += 1
    warehouse.execute(_KEEP)
    ((acknowledged, superseded, refused),) = warehouse.execute(_SETTLE, window).fetchall()
    collected.acknowledged += acknowledged
    collected.superseded += superseded
    for error_code, count in refused.items():
        log.error("%s refused %d rows with %s: correct them at the source", window["channel"], count, error_code)
        collected.refused[error_code] = collected.refused.get(error_code, 0) + count
    ((collected.unanswered,),) = warehouse.execute(_UNANSWERED, window).fetchall()
    hit("receipts.before_commit")
    warehouse.commit()
    hit("receipts.committed")
