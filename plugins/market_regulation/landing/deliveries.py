"""The ledger of deliveries, ``landing.delivery``: entering them, finding what is due, settling their status."""

import datetime as dt
import logging
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from market_regulation import settings
from market_regulation.quality.corrections import resolve_by_same_bytes
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source

log = logging.getLogger(__name__)

# Condition on a delivery d that was refused: what it brought came again and was taken. That is a later delivery of the
# same bytes, or, of its day or a later one, of the same file (its name stands in the address), the same day's records
# of an API (so does the day), or any slice of an exchange table, since that reads refused rows again.
REPLACED = """exists (
    select from landing.delivery as later
    where later.source = d.source and later.delivery_id > d.delivery_id and later.status in ('loaded', 'duplicate')
      and (later.sha256 = d.sha256
           or later.business_day >= d.business_day
              and (later.uri = d.uri or later.watermark is not null and d.watermark is not null)))"""


@dataclass(frozen=True)
class Delivery:
    """One row of ``landing.delivery`` as landing and checking need it."""

    delivery_id: int
    source: str
    profile: str
    uri: str
    sha256: str
    announced_rows: int | None
    received_rows: int | None
    business_day: dt.date


def register(connection: psycopg.Connection, source: str, arrival: Arrival, day: dt.date) -> int | None:
    """Enter an arrival with status ``loading``; None when this arrival was entered before. The caller commits."""
    row = connection.execute(
        """
        insert into landing.delivery (source, submitter, profile, uri, arrival, sha256, bytes, announced_rows,
                                      watermark, status, business_day)
        values (%(source)s, %(submitter)s, %(profile)s, %(uri)s, %(identity)s, %(sha256)s, %(size)s, %(announced)s,
                %(watermark)s, 'loading', %(day)s)
        on conflict (source, arrival) do nothing
        returning delivery_id
        """,
        {
            "source": source,
            "submitter": arrival.submitter,
            "profile": arrival.profile,
            "uri": arrival.uri,
            "identity": arrival.identity,
            "sha256": arrival.sha256,
            "size": arrival.size,
            "announced": arrival.announced_rows,
            "watermark": arrival.watermark,
            "day": day,
        },
    ).fetchone()
    return int(row[0]) if row else None


def is_entered(connection: psycopg.Connection, source: str, identity: str) -> bool:
    """Tell whether an arrival of this identity was entered before."""
    row = connection.execute(
        "select exists (select from landing.delivery where source = %s and arrival = %s)", (source, identity)
    ).fetchone()
    return bool(row and row[0])


def due(connection: psycopg.Connection, source: str, *, landed: bool) -> list[int]:
    """Return the deliveries still ``loading``, oldest first: those with their rows, to be checked, or those without."""
    rows = connection.execute(
        "select delivery_id from landing.delivery where source = %s and status = 'loading'"
        " and (received_rows is not null) = %s order by delivery_id",
        (source, landed),
    )
    return [int(row[0]) for row in rows]


def lock(connection: psycopg.Connection, delivery_id: int, *, landed: bool) -> Delivery | None:
    """Lock a due delivery for this transaction, after another copy at work on it; None when it is no longer due."""
    connection.execute("set local lock_timeout = '20min'")
    connection.execute("set local idle_in_transaction_session_timeout = '1h'")  # other sessions work meanwhile
    with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            "select delivery_id, source, profile, uri, sha256, announced_rows, received_rows, business_day"
            " from landing.delivery where delivery_id = %s and status = 'loading'"
            " and (received_rows is not null) = %s for update",
            (delivery_id, landed),
        ).fetchone()


def mark_received(connection: psycopg.Connection, delivery_id: int, rows: int) -> None:
    """Say that all rows of a delivery are in its landing table."""
    connection.execute("update landing.delivery set received_rows = %s where delivery_id = %s", (rows, delivery_id))


def mark_blocked(connection: psycopg.Connection, delivery_id: int, received: int, message: str, judged_by: str) -> None:
    """Refuse a whole delivery: every one of its rows counts as blocked; ``judged_by`` is what ``rerun`` compares."""
    connection.execute(
        "update landing.delivery set status = 'blocked', received_rows = %(rows)s, blocked_rows = %(rows)s,"
        " accepted_rows = 0, quarantined_rows = 0, duplicate_rows = 0, message = %(message)s,"
        " judged_by = %(judged_by)s where delivery_id = %(id)s",
        {"rows": received, "message": message, "judged_by": judged_by, "id": delivery_id},
    )


def mark_failed(connection: psycopg.Connection, delivery_id: int, message: str) -> None:
    """Give a delivery up that can never be read, because its stored file is gone."""
    connection.execute(
        "update landing.delivery set status = 'failed', message = %s where delivery_id = %s", (message, delivery_id)
    )


def mark_loaded(
    connection: psycopg.Connection,
    delivery_id: int,
    accepted: int,
    quarantined: int,
    duplicate: int,
    newest_event: dt.date | None,
    message: str | None,
) -> None:
    """Accept a delivery with the fate of its rows counted and the day of its newest event."""
    connection.execute(
        "update landing.delivery set status = 'loaded', accepted_rows = %s, quarantined_rows = %s, duplicate_rows = %s,"
        " blocked_rows = 0, newest_event = %s, message = %s where delivery_id = %s",
        (accepted, quarantined, duplicate, newest_event, message, delivery_id),
    )


def waits_for_twin(connection: psycopg.Connection, delivery: Delivery) -> bool:
    """Tell whether an earlier delivery of the same bytes is landed and waits for its check, which decides both."""
    row = connection.execute(
        "select exists (select from landing.delivery where source = %s and sha256 = %s and profile = %s"
        " and delivery_id < %s and status = 'loading' and received_rows is not null)",
        (delivery.source, delivery.sha256, delivery.profile, delivery.delivery_id),
    ).fetchone()
    return bool(row and row[0])


def settle_same_bytes(connection: psycopg.Connection, source: str) -> list[int]:
    """Decide the unlanded deliveries whose bytes an earlier, by now decided delivery brought.

    The same bytes as a loaded delivery are a ``duplicate`` of it in every row; rejected rows that they put right are
    resolved. The source's views must exist.

    Returns:
        The deliveries decided.
    """
    rows = connection.execute(
        """
        update landing.delivery as d
        set status = 'duplicate', same_as_delivery_id = t.delivery_id, received_rows = t.received_rows,
            duplicate_rows = t.received_rows, accepted_rows = 0, quarantined_rows = 0, blocked_rows = 0,
            message = format('the same bytes as delivery %%s', t.delivery_id)
        from landing.delivery as t
        where d.source = %(source)s and d.status = 'loading' and d.received_rows is null
          and t.delivery_id = (
              select max(e.delivery_id) from landing.delivery as e
              where e.source = d.source and e.sha256 = d.sha256 and e.profile = d.profile
                and e.delivery_id < d.delivery_id and e.status = 'loaded')
        returning d.delivery_id
        """,
        {"source": source},
    )
    decided = sorted(int(row[0]) for row in rows)
    for delivery_id in decided:
        if resolved := resolve_by_same_bytes(connection, source, delivery_id):
            log.info("%s delivery %d: known bytes, resolved %d earlier rows", source, delivery_id, resolved)
    return decided


def unreplaced(source: Source, day: dt.date) -> list[str]:
    """Return one sentence for each delivery up to the day that is blocked or failed and not ``REPLACED``."""
    query = f"""
        select format('%%s delivery %%s (%%s) is %%s: %%s', d.source, d.delivery_id, d.uri, d.status, d.message)
        from landing.delivery as d
        where d.source = %s and d.business_day <= %s and d.status in ('blocked', 'failed') and not {REPLACED}
        order by d.delivery_id
    """  # noqa: S608, a text of our own
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        rows = connection.execute(query, (source.source, day))
        return [str(row[0]) for row in rows]
