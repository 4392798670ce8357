"""Write the operations of the day into the ledger and the outbox. What is to be done is decided by ``plan.sql`` alone.

The ledger row, its payload, its sealed exchange part, its attachments and its outbox row are written in the same
transaction, so nothing is published without a trace and nothing is traced without being sent. A repeated run finds
nothing to do.
"""

import datetime as dt
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.disclosure import exchange_part, questions
from market_regulation.failpoints import hit

ENTERED_BY = "platform:plan"
BATCH = 2_000  # operations per transaction: the chain locks its head, and a writer behind must not wait long

log = logging.getLogger(__name__)

_DECISION = Path(__file__).with_name("plan.sql").read_bytes()

_FOREIGN_DAY = """
select table_name, valid_day
from (
    select 'disclosure_due', valid_day from marts.disclosure_due
    union all
    select 'disclosure_held', valid_day from marts.disclosure_held
    union all
    select 'disclosure_ended', valid_day from marts.disclosure_ended
) as m (table_name, valid_day)
where valid_day <> %(day)s
limit 1
"""

# The row lock waits for a build that is running, and keeps the next one away while the decision reads the marts.
_LAST_BUILD = "select taken_by, taken_at from control.lease where lease_name = 'dbt' for share"

_BAD_NODE = """
select node_id, status
from quality.dbt_result
where run_id = %(run_id)s and (status not in ('success', 'pass') or loaded_at < %(began_at)s)
union all
select 'the build', 'no results'
where not exists (select from quality.dbt_result where run_id = %(run_id)s)
order by 1
limit 1
"""

_PAYLOADS = """
insert into disclosure.payload (payload_sha256, public)
select distinct on (payload_sha256) payload_sha256, payload
from operation
where place between %(first)s and %(last)s and payload is not null
on conflict do nothing
"""

_RECORDS = """
insert into disclosure.record (
    record_id, version, op, reason_code, origin, record_type, channel, subject_key, uscc, source_delivery_id,
    source_row_no, business_day, rule_id, regime_id, due_on, publish_until, payload_sha256, served_sha256,
    replaces_record_id, entered_by, approved_by, exchange_sha256
)
select
    record_id, version, op, reason_code, 'PLATFORM', record_type, channel, subject_key, uscc, source_delivery_id,
    source_row_no, %(day)s, rule_id, regime_id, due_on, publish_until, payload_sha256, served_sha256,
    replaces_record_id,
    %(entered_by)s, approved_by,
    (
        select encode(sha256(e.ciphertext), 'hex')
        from private.exchange_part as e
        where e.record_id = operation.record_id and e.version = operation.version
    )
from operation
where place between %(first)s and %(last)s
order by place
"""

_ATTACHMENTS = """
insert into disclosure.attachment (
    record_id, version, seq, kind, media_type, bytes, sha256_served, sha256_public, redaction_profile, reviewed_by
)
select
    o.record_id, o.version, d.seq, d.document ->> 'kind', p.media_type, octet_length(p.content), r.sha256_served,
    r.sha256_public, case when r.sha256_public = r.sha256_served then 'none' else r.profile end,
    case when r.needs_review then o.approved_by end
from operation as o
cross join lateral jsonb_array_elements(o.payload -> 'documents') with ordinality as d (document, seq)
inner join disclosure.public_document as p on p.sha256 = d.document ->> 'sha256'
cross join lateral (
    select i.*
    from disclosure.redacted_document as i
    where i.sha256_public = p.sha256
    order by (i.sha256_served = o.served_sha256) desc, i.known_from desc, i.inspected_at desc
    limit 1
) as r
where o.place between %(first)s and %(last)s and o.payload is not null
"""

# Versions that nobody has tried to send are cancelled by a WITHDRAW, and by an UPSERT that replaces a refused one; a
# correction whose batches were refused is cancelled by whatever follows it. A WITHDRAW of what may be public goes out
# first whatever follows: the receiver may refuse the UPSERT. What was refused leaves the work list when a new version
# answers it.
_CANCELLATIONS = """
delete from disclosure.outbox as x
using operation as o
where o.place between %(first)s and %(last)s
    and o.version > 1  -- before a first version there is nothing
    and x.record_id = o.record_id
    and (
        x.state = 'rejected'
        or x.state = 'queued'
        and (
            o.op = 'WITHDRAW'
            or (x.op = 'CORRECT' and x.refusals > 0)
            or (
                o.op = 'UPSERT'
                and (
                    x.op <> 'WITHDRAW'
                    or not exists (select from disclosure.sending as s where s.record_id = x.record_id)
                    and not exists (select from disclosure.receipt as t where t.record_id = x.record_id)
                )
            )
        )
    )
"""

_OUTBOX = """
insert into disclosure.outbox (record_id, version, channel, state, op, seq)
select r.record_id, r.version, r.channel, 'queued', r.op, r.seq
from operation as o
inner join disclosure.record as r using (record_id, version)
where o.place between %(first)s and %(last)s
"""


class MartsNotReadyError(RuntimeError):
    """The marts do not say what the law asks for on this day; nothing was planned."""


@dataclass(frozen=True)
class Planned:
    """What one run wrote: operations by kind, new questions to a person, and what was held back by reason."""

    operations: dict[str, int] = field(default_factory=dict)
    questions: int = 0
    held: dict[str, int] = field(default_factory=dict)


def plan(day: dt.date) -> Planned:
    """Queue every operation that is due on ``day`` (a business day, Asia/Shanghai).

    Raises:
        MartsNotReadyError: The marts were built for another day, or their last build did not end well.
        StaleLeaseError: Another plan started meanwhile; what this one committed stays and is not made twice.
    """
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        token = lease.take(connection, "plan")
        connection.commit()
        _require_marts(connection, day)
        connection.execute(b"create temporary table operation as\n" + _DECISION)
        connection.execute("create unique index on operation (place)")
        connection.execute("analyze operation")
        operations = _count(connection, "select op, count(*) from operation where held_because is null group by 1")
        held = _count(
            connection, "select held_because, count(*) from operation where held_because is not null group by 1"
        )
        lease.hold(connection, "plan", token)
        asked = questions.ask(connection, day)
        connection.commit()
        endings = sum(operations.get(op, 0) for op in ("WITHDRAW", "STOP", "SUSPEND"))
        _write(connection, token, day, 1, endings)
        _write(connection, token, day, endings + 1, sum(operations.values()))
    planned = Planned(operations, asked, held)
    log.info("plan for %s: %s", day, planned)
    return planned


def _require_marts(connection: psycopg.Connection, day: dt.date) -> None:
    ((due,),) = connection.execute("select to_regclass('marts.disclosure_due')").fetchall()
    if due is None:
        raise MartsNotReadyError("marts.disclosure_due does not exist yet: ingest the sources, then run `make build`")
    connection.execute("set local lock_timeout = '25min'")
    for run_id, began_at in connection.execute(_LAST_BUILD).fetchall():
        if bad := connection.execute(_BAD_NODE, {"run_id": run_id, "began_at": began_at}).fetchone():
            raise MartsNotReadyError(
                f"the last build of the marts, run {run_id}, did not end well ({bad[0]}: {bad[1]}): repair, build again"
            )
    if foreign := connection.execute(_FOREIGN_DAY, {"day": day}).fetchone():
        raise MartsNotReadyError(
            f"marts.{foreign[0]} was built for {foreign[1]}, not for {day}: run `make build` for that day first"
        )


def _count(connection: psycopg.Connection, query: LiteralString) -> dict[str, int]:
    return dict(connection.execute(query).fetchall())


def _write(connection: psycopg.Connection, token: int, day: dt.date, begin: int, end: int) -> None:
    """Write operations ``begin`` to ``end`` in batches, each in one transaction under the lease.

    What ends a publication is written by itself: it needs no key of the exchange part, and must not wait for one.
    """
    for first in range(begin, end + 1, BATCH):
        lease.hold(connection, "plan", token)
        last = min(first + BATCH - 1, end)
        values = {"first": first, "last": last, "day": day, "entered_by": ENTERED_BY}
        exchange_part.seal(connection, first, last)
        for statement in (_PAYLOADS, _RECORDS, _ATTACHMENTS, _CANCELLATIONS, _OUTBOX):
            connection.execute(statement, values)
        hit("plan.before_commit")
        connection.commit()
        hit("plan.committed")
