"""Batches as the warehouse knows them: made from the outbox, marked as written, taken up again after a failure."""

import datetime as dt

import psycopg
from psycopg.rows import class_row

from market_regulation.disclosure.channels.contract import Head
from market_regulation.disclosure.feed import SCHEMA_VERSION, source_uscc

BATCH = 5_000  # rows per batch, domain.md 8.4
SMALLER = (500, 50, 5, 1)  # rows per batch after the first, second, .. refusal: one bad row holds up ever fewer others

# The row lock makes senders of one channel queue, so numbers have no gaps and each batch names the one before.
_NUMBER = """
with mine as (
    select %(source)s || to_char(%(day)s::date, 'YYYYMMDD') || letters as prefix
    from disclosure.channel
    where channel = %(channel)s
    for update
)
select
    prefix || to_char(1 + coalesce((
        select max(right(b.batch_no, 4)::integer) from disclosure.batch as b where starts_with(b.batch_no, prefix)
    ), 0), 'FM0000') as batch_no,
    (
        select b.batch_no from disclosure.batch as b where b.channel = %(channel)s order by b.place desc limit 1
    ) as previous_batch
from mine
"""

# WITHDRAW never waits. Everything else waits until no earlier version of its record is under way, and what changes
# or ends a publication also until the receiver acknowledged one.
MAY_GO = """
o.state = 'queued'
and o.next_try_at <= now()
and (
    o.op = 'WITHDRAW'
    or (o.op = 'UPSERT' and o.version = 1)
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
"""

# Withdrawals share a batch with nothing else, nor do rows that were refused a different number of times. The rows are
# locked, so their ctid stays what it is.
_TAKE = """
with due as (
    select o.ctid, o.op <> 'WITHDRAW' as may_wait, o.refusals, o.seq
    from disclosure.outbox as o
    where o.channel = %(channel)s and {may_go}
    order by (o.op <> 'WITHDRAW'), o.refusals, o.seq
    limit %(limit)s
    for update
),

foremost as (
    select may_wait, refusals, (%(limits)s::integer[])[least(refusals + 1, cardinality(%(limits)s))] as size
    from due
    order by may_wait, refusals
    limit 1
),

chosen as (
    select d.ctid
    from due as d
    inner join foremost as f on d.may_wait = f.may_wait and d.refusals = f.refusals
    order by d.seq
    limit (select size from foremost)
),

took as (
    update disclosure.outbox as o
    set state = 'unknown', batch_no = %(batch_no)s, attempts = o.attempts + 1
    from chosen
    where o.ctid = chosen.ctid
    returning o.record_id, o.version
)

insert into disclosure.sending (batch_no, record_id, version)
select %(batch_no)s, record_id, version from took
""".replace("{may_go}", MAY_GO)

_ENTER = """
insert into disclosure.batch (
    batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day, first_event_on,
    last_event_on, attempts
)
select
    %(batch_no)s, %(channel)s, count(*),
    encode(sha256(convert_to(string_agg(
        concat_ws(',', record_id, version, r.op, r.payload_sha256) || chr(10), ''
        order by record_id collate "C", version
    ), 'UTF8')), 'hex'),
    %(previous_batch)s, %(schema_version)s,
    (select seq || ':' || row_sha256 from disclosure.chain_head),
    %(day)s, min(r.business_day), max(r.business_day), 1
from disclosure.sending as s
inner join disclosure.record as r using (record_id, version)
where s.batch_no = %(batch_no)s
"""

_HEAD = """
select batch_no, channel, rows, content_sha256, previous_batch, schema_version, chain_head, business_day,
    first_event_on, last_event_on
from disclosure.batch
"""

_OPEN = _HEAD + " where channel = %(channel)s and written_at is null order by place limit 1"

_ONE = _HEAD + " where batch_no = %(batch_no)s"

# An unwritten batch is tried when its time is up, or a withdrawal waits behind it.
MAY_BE_TRIED = """
b.next_try_at <= now()
or exists (
    select from disclosure.outbox as o
    where o.channel = b.channel and o.op = 'WITHDRAW' and o.state = 'queued' and o.next_try_at <= now()
)
"""

_IS_DUE = "select {may_be_tried} from disclosure.batch as b where b.batch_no = %(batch_no)s".replace(
    "{may_be_tried}", MAY_BE_TRIED
)

_RETRY = "update disclosure.batch set attempts = attempts + 1 where batch_no = %(batch_no)s"

_WRITTEN = "update disclosure.batch set written_at = now() where batch_no = %(batch_no)s"

# The next try, should no answer come: 1, 5, 15, 60 minutes, then hourly (domain.md 8.4). Each row is found by its key:
# whatever the planner believes of the outbox, it is not read whole for each batch. What was taken is no longer suspect.
_SENT = """
update disclosure.outbox as o
set state = 'sent', sent_at = now(), refusals = 0,
    next_try_at = now() + disclosure.retry_wait(o.attempts)
from disclosure.sending as s
cross join lateral (
    select x.ctid
    from disclosure.outbox as x
    where x.record_id = s.record_id and x.version = s.version and x.batch_no = s.batch_no and x.state = 'unknown'
    for update
) as mine
where s.batch_no = %(batch_no)s and o.ctid = mine.ctid
"""

_POSTPONE = """
update disclosure.batch
set next_try_at = now() + disclosure.retry_wait(attempts)
where channel = %(channel)s and written_at is null
"""


class UnknownChannelError(LookupError):
    """No row of ``disclosure.channel`` has this name."""


def enabled(warehouse: psycopg.Connection) -> dict[str, str]:
    """Return the transport of each enabled channel, in order of their names."""
    rows = warehouse.execute("select channel, transport from disclosure.channel where enabled order by channel")
    return dict(rows.fetchall())


def transport_of(warehouse: psycopg.Connection, channel: str) -> str:
    """Return the transport of a channel.

    Raises:
        UnknownChannelError: There is no such channel.
    """
    found = warehouse.execute("select transport from disclosure.channel where channel = %s", [channel]).fetchone()
    if found is None:
        raise UnknownChannelError(f"disclosure.channel has no row {channel!r}: add it with letters and transport")
    return str(found[0])


def known(warehouse: psycopg.Connection, channel: str) -> set[str]:
    """Return the numbers of all batches of the channel that the warehouse made or adopted."""
    rows = warehouse.execute("select batch_no from disclosure.batch where channel = %s", [channel])
    return {str(batch_no) for (batch_no,) in rows}


def make(warehouse: psycopg.Connection, channel: str, day: dt.date) -> Head | None:
    """Make a batch of what is due and waits for nothing; None when that is nothing. The caller commits."""
    values: dict[str, object] = {"channel": channel, "day": day, "source": source_uscc(), "limit": BATCH}
    values["limits"] = [BATCH, *SMALLER]
    numbered = warehouse.execute(_NUMBER, values).fetchone()
    if numbered is None:
        raise UnknownChannelError(f"disclosure.channel has no row {channel!r}: add it with letters and transport")
    values |= {"batch_no": numbered[0], "previous_batch": numbered[1], "schema_version": SCHEMA_VERSION}
    if warehouse.execute(_TAKE.encode(), values).rowcount == 0:
        return None
    warehouse.execute(_ENTER, values)
    return _one(warehouse, _ONE, values)


def unwritten(warehouse: psycopg.Connection, channel: str) -> Head | None:
    """Return the batch whose outcome is unknown, if there is one."""
    return _one(warehouse, _OPEN, {"channel": channel})


def is_due(warehouse: psycopg.Connection, head: Head) -> bool:
    """Tell whether an unwritten batch is to be tried now: its time is up, or a withdrawal waits behind it."""
    ((due,),) = warehouse.execute(_IS_DUE.encode(), {"batch_no": head.batch_no}).fetchall()
    return bool(due)


def count_try(warehouse: psycopg.Connection, head: Head) -> None:
    """Note that an unwritten batch is tried once more."""
    warehouse.execute(_RETRY, {"batch_no": head.batch_no})


def mark_written(warehouse: psycopg.Connection, head: Head) -> None:
    """Note that the batch lies at the receiver and its answers are awaited."""
    values = {"batch_no": head.batch_no}
    warehouse.execute(_WRITTEN, values)
    warehouse.execute(_SENT, values)


def postpone(warehouse: psycopg.Connection, channel: str) -> None:
    """After a failure: let the unwritten batch wait as the retry schedule says."""
    warehouse.execute(_POSTPONE, {"channel": channel})


def _one(warehouse: psycopg.Connection, query: str, values: dict[str, object]) -> Head | None:
    with warehouse.cursor(row_factory=class_row(Head)) as cursor:
        return cursor.execute(query.encode(), values).fetchone()
