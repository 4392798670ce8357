"""Blocked deliveries are judged again under their own number, once what they were judged by has been mended.

What a delivery was judged by is the contract and the suite of its source, as one hash. A blocked delivery whose hash
differs from the present one goes back to ``loading``: landing and checking then find it like any other that is due.
Rows that landed stay (landing is insert-only) and are checked again; a delivery that was refused before it landed lands
now, under the profile that the contract gives its file name now. One is left alone where what it brought came again and
was taken (``deliveries.REPLACED``); the next day's file, which brings something else, does not do away with it.
"""

import hashlib
import json
import logging
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from market_regulation import settings
from market_regulation.landing.deliveries import REPLACED
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Source
from market_regulation.sources.named_file import profile_for

log = logging.getLogger(__name__)


def standard(source: Source, suite: Suite) -> str:
    """Return the hash (SHA-256, hex) of what deliveries of the source are judged by: contract and suite."""
    contract = source.model_dump(mode="json", exclude={"declared_in"})
    text = json.dumps([contract, suite.model_dump(mode="json")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def reopen(connection: psycopg.Connection, source: Source, suite: Suite) -> list[int]:
    """Take up the blocked deliveries that were judged by another contract or suite, oldest first; the caller commits.

    One that was replaced is left alone, and so is one that landed under a profile which is gone. One that waits for its
    check under such a profile is blocked until the profile is back: it would keep all others from theirs.

    Returns:
        The deliveries taken up.
    """
    present = standard(source, suite)
    _block_unreadable(connection, source, present)
    taken = []
    for blocked in _unfinished(connection, source):
        profile = _profile(source, blocked)
        if blocked.status == "failed" or blocked.judged_by == present:
            continue
        if blocked.landed and profile not in source.profiles:
            continue
        if not blocked.replaced:
            _reopen(connection, source, blocked, profile)
            taken.append(blocked.delivery_id)
    return taken


def retry(source: Source, delivery_id: int) -> None:
    """Take up one blocked or failed delivery because a person asks for it, mended or not, replaced or not.

    Raises:
        LookupError: The source has no such delivery.
        ValueError: It is neither blocked nor failed, its profile is gone, or its very bytes are loaded already.
    """
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        row = connection.execute(
            "select status, (select min(t.delivery_id) from landing.delivery as t where t.source = d.source"
            " and t.sha256 = d.sha256 and t.status = 'loaded' and t.delivery_id <> d.delivery_id)"
            " from landing.delivery as d where source = %s and delivery_id = %s",
            (source.source, delivery_id),
        ).fetchone()
        if row is None:
            raise LookupError(f"{source.source} has no delivery {delivery_id}")
        status, twin = row
        if status not in ("blocked", "failed"):
            raise ValueError(f"delivery {delivery_id} is {status}: only a blocked or failed delivery can be retried")
        if twin is not None:
            raise ValueError(
                f"delivery {delivery_id} has the bytes of delivery {twin}, which is loaded: nothing to retry"
            )
        [blocked] = [one for one in _unfinished(connection, source) if one.delivery_id == delivery_id]
        profile = _profile(source, blocked)
        if blocked.landed and profile not in source.profiles:
            raise ValueError(f"delivery {delivery_id} landed under profile {profile!r}: put it back into the contract")
        _reopen(connection, source, blocked, profile)


@dataclass(frozen=True)
class _Blocked:
    delivery_id: int
    profile: str
    uri: str
    status: str
    judged_by: str | None
    landed: bool
    replaced: bool


def _unfinished(connection: psycopg.Connection, source: Source) -> list[_Blocked]:
    """Return the source's blocked deliveries and those that failed, oldest first."""
    with connection.cursor(row_factory=class_row(_Blocked)) as cursor:
        return cursor.execute(
            sql.SQL(
                "select d.delivery_id, d.profile, d.uri, d.status, d.judged_by, exists (select from {} as l"
                " where l.business_day = d.business_day and l.delivery_id = d.delivery_id) as landed,"
                " {} as replaced"
                " from landing.delivery as d where d.source = %s and d.status in ('blocked', 'failed')"
                " order by d.delivery_id"
            ).format(sql.Identifier("landing", source.source), sql.SQL(REPLACED)),
            (source.source,),
        ).fetchall()


def _profile(source: Source, blocked: _Blocked) -> str:
    """What landed is read as it landed; anything else by the profile that its name has today, "" when it has none."""
    if blocked.landed:
        return blocked.profile
    before = blocked.profile if blocked.profile in source.profiles else ""
    return profile_for(source, blocked.uri.rpartition("/")[2]) or before


def _block_unreadable(connection: psycopg.Connection, source: Source, present: str) -> None:
    blocked = connection.execute(
        "update landing.delivery set status = 'blocked', blocked_rows = received_rows, accepted_rows = 0,"
        " quarantined_rows = 0, duplicate_rows = 0, judged_by = %(judged_by)s,"
        " message = format('it landed under profile %%s, which is gone from %%s: put it back', profile, %(file)s::text)"
        " where source = %(source)s and status = 'loading' and received_rows is not null"
        " and not profile = any(%(profiles)s) returning delivery_id, message",
        {
            "judged_by": present,
            "file": source.declared_in.name,
            "source": source.source,
            "profiles": list(source.profiles),
        },
    ).fetchall()
    for delivery_id, message in blocked:
        log.error("%s delivery %d blocked: %s", source.source, delivery_id, message)


def _reopen(connection: psycopg.Connection, source: Source, blocked: _Blocked, profile: str) -> None:
    connection.execute(
        "update landing.delivery set status = 'loading', profile = %(profile)s, submitter = %(submitter)s,"
        " received_rows = case when %(landed)s then received_rows end, accepted_rows = null, quarantined_rows = null,"
        " duplicate_rows = null, blocked_rows = null, message = null, judged_by = null"
        " where delivery_id = %(id)s and status in ('blocked', 'failed')",
        {
            "profile": profile,
            "submitter": source.profiles[profile].submitter if profile else "",
            "landed": blocked.landed,
            "id": blocked.delivery_id,
        },
    )
    log.info("%s delivery %d (%s) is taken up again", source.source, blocked.delivery_id, blocked.uri)
