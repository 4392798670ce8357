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
from market_regulation.disclosure import batches, feed
from market_regulation.disclosure.channels.contract import Transport, connect
from market_regulation.failpoints import hit

OVERLAP = dt.timedelta(days=2)

log = logging.getLogger(__name__)

# No answer to an unsettled row is older than its batch; two days more catch late commits and stray receipts.
_SINCE = """
select least(min(b.made_at), now()) - %(overlap)s
from disclosure.outbox as o
inner join disclosure.batch as b using (batch_no)
where o.channel = %(channel)s and o.state = 'sent'
"""

_ARRIVED = """
create temporary table arrived (
    receipt_id text, channel text, batch_no text, record_id text, version integer, verdict text, field text,
    error_code text, message text, receiver_id text, published_on date, business_day date, received_at timestamptz
) on commit delete rows
"""

# An answer to a whole batch (no record, version 0) is the answer to each of its rows.
_ROW_BY_ROW = """
with whole as (
    delete from arrived as a
    using disclosure.batch as b
    where a.batch_no = b.batch_no
        and a.channel = b.channel
        and b.origin = 'PLATFORM'
        and a.record_id = ''
        and a.version = 0
    returning a.*
)

insert into arrived
select
    w.receipt_id || '/' || s.record_id || '/' || s.version, w.channel, w.batch_no, s.record_id, s.version, w.verdict,
    w.field, w.error_code, w.message, w.receiver_id, w.published_on, w.business_day, w.received_at
from whole as w
inner join disclosure.sending as s on w.batch_no = s.batch_no
"""

_ANSWER = """
create temporary table answer as
select distinct on (a.receipt_id) a.*
from arrived as a
inner join disclosure.sending as s
    on a.batch_no = s.batch_no and a.record_id = s.record_id and a.version = s.version
inner join disclosure.batch as b on a.batch_no = b.batch_no and a.channel = b.channel
"""

_KEEP = """
insert into disclosure.receipt (
    receipt_id, channel, batch_no, record_id, version, verdict, field, error_code, message, receiver_id, published_on,
    business_day, received_at
)
select * from answer
on conflict do nothing
"""

_STRAY = """
select a.receipt_id, a.batch_no, a.version
from arrived as a
where a.channel = %(channel)s
    and not exists (
        select from disclosure.sending as s
        inner join disclosure.batch as b using (batch_no)
        where s.batch_no = a.batch_no and s.record_id = a.record_id and s.version = a.version and b.channel = a.channel
    )
    and not exists (
        select from disclosure.batch as b
        where b.batch_no = a.batch_no and b.channel = a.channel and b.origin = 'ADOPTED'
    )
order by 1
limit 100
"""

# One acceptance settles a sending, whatever else arrives for it. A version refused because a higher one is held
# (E203) is settled too: the higher one is ours. What was refused for no fault of the row is sent again.
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
        ) as is_superseded,
        bool_and(r.error_code = %(temporary)s or (r.error_code = any(%(batch_refused)s) and r.field is null))
            as is_to_repeat
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
    set state = case when a.is_to_repeat then 'queued' else 'rejected' end,
        error_code = a.error_code,
        batch_no = case when not a.is_to_repeat then o.batch_no end,
        sent_at = case when not a.is_to_repeat then o.sent_at end
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

_UNANSWERED = "select count(*) from disclosure.outbox where channel = %(channel)s and state = 'sent'"

_NEXT = {
    **dict.fromkeys(feed.BATCH_REFUSED, "they are sent again in another batch; find out what became of this one"),
    feed.TEMPORARY: "they are sent again, as the retry schedule says",
    "E204": "the receiver holds another content under their numbers, find out who sent it",
    "E205": "they came at the wrong time, the next plan decides anew",
}


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
        ChannelError: The receiver cannot be reached; what was fetched before is kept.
        psycopg.Error: A database failed; as above.
    """
    collected = Collected()
    end = time.monotonic() + feed.receipt_wait()
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        since: dt.datetime
        ((since,),) = warehouse.execute(_SINCE, {"channel": channel, "overlap": OVERLAP}).fetchall()
        transport = batches.transport_of(warehouse, channel)
        warehouse.execute(_ARRIVED)
        warehouse.commit()
        with connect(channel, transport) as link:
            while True:
                _fetch(warehouse, link, channel, since, collected)
                if collected.unanswered == 0 or time.monotonic() > end:
                    break
                time.sleep(feed.POLL)
    log.log(logging.WARNING if collected.unanswered else logging.INFO, "receipts of %s: %s", channel, collected)
    return collected


def _fetch(
    warehouse: psycopg.Connection, link: Transport, channel: str, since: dt.datetime, collected: Collected
) -> None:
    """Take over what arrived since the last look, and settle the outbox by all answers known."""
    with warehouse.cursor() as cursor, cursor.copy("copy arrived from stdin") as copy:
        for receipt in link.receipts(since):
            copy.write_row(receipt)
    warehouse.execute(_ROW_BY_ROW)
    warehouse.execute("analyze arrived")
    values = {"channel": channel, "temporary": feed.TEMPORARY, "batch_refused": list(feed.BATCH_REFUSED)}
    for receipt_id, batch_no, version in warehouse.execute(_STRAY, values).fetchall():
        log.error("receipt %r (batch %r, version %s) answers nothing we sent: ignored", receipt_id, batch_no, version)
        collected.stray += 1
    warehouse.execute(_ANSWER)
    warehouse.execute(_KEEP)
    warehouse.execute("drop table answer")
    hit("receipts.kept")
    ((acknowledged, superseded, refused),) = warehouse.execute(_SETTLE, values).fetchall()
    collected.acknowledged += acknowledged
    collected.superseded += superseded
    for error_code, count in refused.items():
        then = _NEXT.get(error_code, "correct them at the source")
        level = logging.CRITICAL if error_code == "E204" else logging.ERROR
        log.log(level, "%s refused %d rows with %s: %s", channel, count, error_code, then)
        collected.refused[error_code] = collected.refused.get(error_code, 0) + count
    ((collected.unanswered,),) = warehouse.execute(_UNANSWERED, values).fetchall()
    hit("receipts.before_commit")
    warehouse.commit()
    hit("receipts.committed")
