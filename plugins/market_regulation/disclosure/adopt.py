"""After a restore of the warehouse: what the receiver holds and the ledger does not know is written into the ledger.

How a restore is seen: at the channel lie batches of ours that ``disclosure.batch`` does not know. It is looked for
before anything is planned and again before anything is sent. Then the receiver's whole inventory is read back. A record
whose source is not back yet cannot be adopted: reconciliation reports it as extra, and once the marts know its fact it
is read back too; what no fact of ours stands behind is never touched.
Each record that is held under a version or content that the ledger does not have gets a ledger row of origin ADOPTED,
numbered above both sides, and counts as acknowledged; versions of ours that were not sent are struck off. So the next
plan compares the law with what is really public, every further version is above the receiver's, and no old payload is
ever sent over a newer one (design.md section 9, reliability.md B2).
"""

import datetime as dt
import logging
import uuid
from collections.abc import Iterable

import psycopg

from market_regulation import settings
from market_regulation.disclosure import batches
from market_regulation.disclosure.channels.contract import ChannelError, Head, Shown, Transport, connect
from market_regulation.failpoints import hit

log = logging.getLogger(__name__)

SHOWN = """
create temporary table shown (
    record_id text primary key, version integer, op text, record_type text, payload_sha256 text, published_on date,
    visible boolean, attachments text, payload text
) on commit drop
"""

_BATCH = """
insert into disclosure.batch (
    batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day, first_event_on,
    last_event_on, origin, written_at
)
values (
    %(batch_no)s, %(channel)s, %(rows)s, %(content_sha256)s, %(previous_batch)s, %(schema_version)s, %(chain_head)s,
    %(business_day)s, %(first_event_on)s, %(last_event_on)s, 'ADOPTED', now()
)
"""

# What the last comparison found shown without a version of ours behind it, and the receiver never took from us.
_EXTRA = """
select c.record_id
from disclosure.reconciliation as c
where c.channel = %(channel)s
    and c.result = 'extra'
    and c.business_day = (select max(business_day) from disclosure.reconciliation where channel = %(channel)s)
    and not exists (
        select from disclosure.receipt as t where t.record_id = c.record_id and t.verdict <> 'rejected'
    )
"""

# A record with a fact in the marts is ours, whether it is due, held or ended.
_FACTS = """
create temporary table fact on commit drop as
select *
from (
    select record_id, subject_key, uscc, source_delivery_id, source_row_no, rule_id, regime_id, due_on, publish_until
    from marts.disclosure_due
    union all
    select record_id, subject_key, uscc, source_delivery_id, source_row_no, rule_id, regime_id, due_on, null
    from marts.disclosure_held
    union all
    select record_id, subject_key, uscc, source_delivery_id, source_row_no, rule_id, regime_id, due_on, publish_until
    from marts.disclosure_ended
) as known
where %(records)s::text[] is null or record_id = any(%(records)s)
"""

_NO_FACTS = "create temporary table fact on commit drop as select * from disclosure.record where false"

# What the ledger lacks, with the facts of its own last version of the record, else of the marts. A record that
# neither knows cannot be adopted: reconciliation reports it as extra.
_ADOPTED = """
create temporary table adopted on commit drop as
select s.record_id, greatest(s.version, coalesce(k.version, 0) + 1) as version, s.op, s.record_type,
    s.payload_sha256, s.payload, s.published_on
from shown as s
left join lateral (
    select r.version from disclosure.record as r where r.record_id = s.record_id order by r.version desc limit 1
) as k on true
where not exists (
        select from disclosure.record as r
        where r.record_id = s.record_id and r.version = s.version and r.op = s.op
            and r.payload_sha256 = s.payload_sha256
    )
    and (k.version is not null or exists (select from fact as f where f.record_id = s.record_id))
    and (%(records)s::text[] is null or s.record_id = any(%(records)s))
"""

_PAYLOADS = """
insert into disclosure.payload (payload_sha256, public)
select distinct on (payload_sha256) payload_sha256, payload::jsonb from adopted
on conflict do nothing
"""

_RECORDS = """
insert into disclosure.record (
    record_id, version, op, reason_code, origin, record_type, channel, subject_key, uscc, source_delivery_id,
    source_row_no, business_day, rule_id, regime_id, due_on, publish_until, payload_sha256, entered_by
)
select
    a.record_id, a.version, a.op, 'read_back_after_restore', 'ADOPTED', a.record_type, %(channel)s, f.subject_key,
    f.uscc, f.source_delivery_id, f.source_row_no, %(day)s, f.rule_id, f.regime_id, coalesce(f.due_on, %(day)s),
    f.publish_until, a.payload_sha256, 'platform:adopt'
from adopted as a
cross join lateral (
    select subject_key, uscc, source_delivery_id, source_row_no, rule_id, regime_id, due_on, publish_until
    from (
        select 0 as rank, -r.version as place, r.subject_key, r.uscc, r.source_delivery_id, r.source_row_no, r.rule_id,
            r.regime_id, r.due_on, r.publish_until
        from disclosure.record as r where r.record_id = a.record_id
        union all
        select 1, 0, m.subject_key, m.uscc, m.source_delivery_id, m.source_row_no, m.rule_id, m.regime_id, m.due_on,
            m.publish_until
        from fact as m where m.record_id = a.record_id
    ) as known
    order by rank, place
    limit 1
) as f
order by a.record_id
"""

_RECEIPTS = """
insert into disclosure.receipt (
    receipt_id, channel, batch_no, record_id, version, verdict, message, published_on, business_day, received_at
)
select 'inventory:' || %(request_id)s || ':' || record_id, %(channel)s, '', record_id, version, 'accepted',
    'held according to the inventory', published_on, %(day)s, %(taken_at)s
from adopted
"""

_STRIKE_OFF = """
delete from disclosure.outbox as o
using adopted as a
where o.record_id = a.record_id and o.version < a.version
"""


def adopt_all(day: dt.date) -> None:
    """Adopt on every enabled channel; one that does not answer is logged and left to the sender, which asks again."""
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        channels = batches.enabled(warehouse)
        warehouse.commit()
        for channel, transport in channels.items():
            try:
                with connect(channel, transport) as link:
                    adopt(warehouse, link, channel, day)
                warehouse.commit()
            except (ChannelError, psycopg.Error) as error:
                warehouse.rollback()
                log.error("%s cannot say whether it is ahead of the ledger: %s", channel, error)


def adopt(warehouse: psycopg.Connection, link: Transport, channel: str, day: dt.date) -> int:
    """Take over what the channel holds and the warehouse does not know; return the number of records adopted.

    Without a restore this is one look at the numbers of the channel's batches and one at its last reconciliation. The
    caller commits.

    Raises:
        ChannelError: The channel does not answer; nothing was adopted, and nothing may be sent.
        psycopg.Error: A database failed; as above.
    """
    values: dict[str, object] = {"channel": channel, "day": day, "records": None}
    ahead = link.heads(batches.known(warehouse, channel))
    if not ahead:
        values["records"] = _came_back(warehouse, values)
        if not values["records"]:
            return 0
    else:
        log.critical(
            "%s holds %d batches that the warehouse does not know, first %s: the warehouse was restored to an older"
            " state (or a batch was taken after it was refused); what it shows is read back before anything is sent",
            channel, len(ahead), ahead[0].batch_no,
        )  # fmt: skip
        _fill_facts(warehouse, values)
    request_id = f"{channel}-{day}-restore-{uuid.uuid4()}"
    inventory = link.inventory(request_id, day, with_content=True)
    fill_shown(warehouse, inventory.items)
    hit("adopt.read_back")
    values |= {"request_id": request_id, "taken_at": inventory.taken_at}
    warehouse.execute(_ADOPTED, values)
    warehouse.execute(_PAYLOADS)
    count = warehouse.execute(_RECORDS, values).rowcount
    warehouse.execute(_RECEIPTS, values)
    warehouse.execute(_STRIKE_OFF)
    _enter_batches(warehouse, ahead)
    hit("adopt.before_commit")
    log.warning("%s: %d records adopted", channel, count)
    return count


def fill_shown(warehouse: psycopg.Connection, items: Iterable[Shown]) -> None:
    """Write an inventory into the session's temporary table ``shown``, which lives until the end of the transaction."""
    warehouse.execute("drop table if exists shown")
    warehouse.execute(SHOWN)
    with warehouse.cursor() as cursor, cursor.copy("copy shown from stdin") as copy:
        for item in items:
            copy.write_row(item)
    warehouse.execute("analyze shown")


def _came_back(warehouse: psycopg.Connection, values: dict[str, object]) -> list[str]:
    """Name the records shown without a version of ours whose facts the marts know by now."""
    extra = [record_id for (record_id,) in warehouse.execute(_EXTRA, values)]
    if not extra:
        return []
    _fill_facts(warehouse, values | {"records": extra})
    records = [record_id for (record_id,) in warehouse.execute("select record_id from fact order by record_id")]
    if records:
        log.warning("%s shows %d records that only now have a fact of ours: read back", values["channel"], len(records))
    return records


def _fill_facts(warehouse: psycopg.Connection, values: dict[str, object]) -> None:
    """Write the facts of ``records`` (None: all) into the temporary table ``fact``; before a build it stays empty."""
    ((found,),) = warehouse.execute("select to_regclass('marts.disclosure_ended')").fetchall()
    warehouse.execute("drop table if exists fact")
    warehouse.execute(_FACTS if found else _NO_FACTS, values)


def _enter_batches(warehouse: psycopg.Connection, heads: list[Head]) -> None:
    with warehouse.cursor() as cursor:
        cursor.executemany(_BATCH, [vars(head) for head in heads])
