"""A batch that is known not to have been taken is dissolved, so that nothing waits behind it, withdrawals least of all.

Its number is free for the next batch: the receiver demands that each names the last one it took (E202). Its rows wait
as the retry schedule says and then travel in smaller batches, until what is at fault travels alone. Rows that are known
to be the reason are rejected with an error code, and the others wait for nothing. Should an earlier try of the batch
have been taken after all, the next one finds another content under its number, or the sender finds a batch that it
does not know: both raise an alarm, and the inventory says what has to be sent again.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from market_regulation.disclosure.channels.contract import BatchRefusedError, Head
from market_regulation.failpoints import hit

MOST = 10  # refused batches after which a run ends: what refuses so often refuses everything
_NAMED = 10  # rows that an alarm names

log = logging.getLogger(__name__)

# A version that a later withdrawal has overtaken needs not be shown any more, and was not.
_CANCEL = """
delete from disclosure.outbox as o
using disclosure.sending as s
where s.batch_no = %(batch_no)s
    and o.record_id = s.record_id
    and o.version = s.version
    and o.batch_no = s.batch_no
    and o.state = 'unknown'
    and exists (
        select from disclosure.record as r
        where r.record_id = o.record_id and r.version > o.version and r.op = 'WITHDRAW'
    )
"""

# The wait after the first, second, .. refusal of a row: 1, 5, 15, 60 minutes, then hourly (domain.md 8.4).
_RETURN = """
with named as (
    select n.record_id, n.version, n.error_code
    from unnest(%(record_ids)s::text[], %(versions)s::integer[], %(error_codes)s::text[])
        as n (record_id, version, error_code)
)

update disclosure.outbox as o
set state = case when n.error_code is null then 'queued' else 'rejected' end,
    error_code = n.error_code,
    batch_no = null,
    refusals = o.refusals + case when n.error_code is null and exists (select from named) then 0 else 1 end,
    next_try_at = case
        when exists (select from named) then now()
        else now() + disclosure.retry_wait(o.refusals + 1)
    end
from disclosure.sending as s
left join named as n on s.record_id = n.record_id and s.version = n.version
where s.batch_no = %(batch_no)s
    and o.record_id = s.record_id
    and o.version = s.version
    and o.batch_no = s.batch_no
    and o.state = 'unknown'
returning o.record_id, o.version, o.state = 'rejected' as is_rejected, o.next_try_at
"""


class _Returned(NamedTuple):
    record_id: str
    version: int
    is_rejected: bool
    next_try_at: dt.datetime


def dissolve(warehouse: psycopg.Connection, head: Head, refused: BatchRefusedError) -> None:
    """Dissolve a batch and let its rows wait, or those that are the reason be rejected; raise the highest alarm.

    Call it with the lease held; the caller commits.

    Raises:
        psycopg.errors.RaiseException: The batch was written, or another was made after it.
    """
    values = {"batch_no": head.batch_no, **_columns(refused.rows)}
    warehouse.execute(_CANCEL, values)
    with warehouse.cursor(row_factory=class_row(_Returned)) as cursor:
        rows = cursor.execute(_RETURN, values).fetchall()
    warehouse.execute("select disclosure.dissolve_batch(%(batch_no)s)", values)
    _alarm(head, refused, rows)
    hit("refusals.before_commit")


def _columns(rows: Mapping[tuple[str, int], str]) -> dict[str, object]:
    return {
        "record_ids": [record_id for record_id, _ in rows],
        "versions": [version for _, version in rows],
        "error_codes": list(rows.values()),
    }


def _alarm(head: Head, refused: BatchRefusedError, rows: list[_Returned]) -> None:
    """Say which batch, why, which rows and what to do."""
    guilty = sorted(row for row in rows if row.is_rejected)
    if guilty:
        then = f"{_named(guilty)} cannot be sent any more and are rejected, see what became of their key; the others go"
    elif len(rows) == 1:
        then = f"{_named(rows)} is the reason: it waits until {rows[0].next_try_at}; correct it, or ask the receiver"
    else:
        then = "they are sent again in smaller batches, until the row that is the reason stands alone; ask the receiver"
    log.critical(
        "%s: batch %s with %d rows was not taken: %s: %s", head.channel, head.batch_no, head.rows, refused, then
    )


def _named(rows: list[_Returned]) -> str:
    """Name the first rows of a list and count the others."""
    names = ", ".join(f"{row.record_id} version {row.version}" for row in rows[:_NAMED])
    return f"{names} and {len(rows) - _NAMED} more" if len(rows) > _NAMED else names
