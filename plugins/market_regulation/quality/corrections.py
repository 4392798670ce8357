"""What later deliveries do to rejected rows besides bringing an accepted row of their key (``settlement``).

A corrected return file puts its rows right whatever became of their key, and withdraws those that were left out of it;
bytes that come again bring their good rows again.
"""

import datetime as dt
import logging

import psycopg
from psycopg import sql

from market_regulation.quality.key_table import key_table
from market_regulation.sources.contract import Source
from market_regulation.sources.returned_name import returned

log = logging.getLogger(__name__)


def resolve_corrected(connection: psycopg.Connection, delivery_id: int) -> int:
    """Resolve the rejected rows that rows of this delivery stand for, back to the first of each chain of corrections.

    A row that is rejected again resolves nothing; one that repeats an accepted row puts the rejected one right too.
    Rows that this delivery has resolved by their key may be corrections themselves: what they stand for is resolved
    with them. The delivery's quarantine must be written; the caller commits.

    Returns:
        The number of rows resolved.
    """
    return connection.execute(
        """
        with recursive put_right (delivery_id, row_no) as (
            (select c.of_delivery_id, c.of_row_no
             from landing.correction as c
             where c.delivery_id = %(id)s and not exists (
                 select from quality.quarantine as q where q.delivery_id = c.delivery_id and q.row_no = c.row_no)
             union
             select q.delivery_id, q.row_no from quality.quarantine as q where q.resolved_by_delivery_id = %(id)s)
            union
            select c.of_delivery_id, c.of_row_no
            from put_right as p
            join landing.correction as c on c.delivery_id = p.delivery_id and c.row_no = p.row_no
        )
        update quality.quarantine as q set resolved_by_delivery_id = %(id)s
        from put_right as p
        where q.delivery_id = p.delivery_id and q.row_no = p.row_no and q.resolved_by_delivery_id is null
        """,
        {"id": delivery_id},
    ).rowcount


def resolve_by_later(connection: psycopg.Connection, source: Source, delivery_id: int, day: dt.date) -> int:
    """Resolve this delivery's own rejected rows where a later delivery, decided before it, has brought a good one.

    That happens to a delivery that is judged again after its profile or suite was mended: the days after it did not
    wait. The same profile and the same or a later business day are asked for, as of any row that resolves another.

    Returns:
        The number of rows resolved.
    """
    later = connection.execute(
        "select n.delivery_id from landing.delivery as n join landing.delivery as d using (source, profile)"
        " where d.delivery_id = %s and n.delivery_id > d.delivery_id and n.business_day >= d.business_day"
        " and n.status = 'loaded'",
        (delivery_id,),
    ).fetchall()
    if not later:
        return 0
    rows = connection.execute(
        sql.SQL(
            """
            with same_hash as materialized (
                select q.row_no, q.source_key, k.business_day, k.delivery_id as new_id, k.row_no as new_row_no
                from quality.quarantine as q join {keys} as k on k.key_hash = hashtextextended(q.source_key, 0)
                where q.delivery_id = %(id)s and k.business_day >= %(day)s and k.delivery_id = any(%(later)s)),
            good as (
                select distinct on (h.row_no) h.row_no, h.new_id
                from same_hash as h
                join {canonical} as c on c.business_day = h.business_day and c.delivery_id = h.new_id
                     and c.row_no = h.new_row_no and c.row_key = h.source_key
                order by h.row_no, h.business_day, h.new_id)
            update quality.quarantine as q set resolved_by_delivery_id = g.new_id
            from good as g
            where q.delivery_id = %(id)s and q.row_no = g.row_no and q.resolved_by_delivery_id is null
            returning g.new_id
            """
        ).format(keys=key_table(source), canonical=sql.Identifier("quality", f"{source.source}_canonical")),
        {"id": delivery_id, "day": day, "later": [one for (one,) in later]},
    ).fetchall()
    return len(rows) + sum(resolve_corrected(connection, one) for one in sorted({int(new_id) for (new_id,) in rows}))


def resolve_by_same_bytes(connection: psycopg.Connection, source: str, delivery_id: int) -> int:
    """Resolve what a delivery puts right whose very bytes were known and which therefore has no rows of its own.

    Its rows are those of the delivery it repeats: one that passed there resolves rejected rows of its key and profile
    that came between the two, or before both, on business days up to this one's. What is rejected there stays so.

    Returns:
        The number of rows resolved.
    """
    by_key = connection.execute(
        sql.SQL(
            """
            with open_row as materialized (
                select q.delivery_id, q.row_no, q.source_key, d.same_as_delivery_id as twin_id
                from landing.delivery as d
                join landing.delivery as first on first.source = d.source and first.profile = d.profile
                join quality.quarantine as q on q.delivery_id = first.delivery_id
                where d.delivery_id = %(id)s and q.source = d.source and q.resolved_by_delivery_id is null
                  and q.source_key is not null and q.business_day <= d.business_day
                  and q.delivery_id < d.delivery_id and q.delivery_id <> d.same_as_delivery_id)
            update quality.quarantine as q set resolved_by_delivery_id = %(id)s
            from open_row as o
            join landing.delivery as twin on twin.delivery_id = o.twin_id
            join {canonical} as c on c.business_day = twin.business_day and c.delivery_id = twin.delivery_id
                 and c.row_key = o.source_key
            where q.delivery_id = o.delivery_id and q.row_no = o.row_no and not exists (
                select from quality.quarantine as bad where bad.delivery_id = c.delivery_id and bad.row_no = c.row_no)
            """
        ).format(canonical=sql.Identifier("quality", f"{source}_canonical")),
        {"id": delivery_id},
    ).rowcount
    return by_key + resolve_corrected(connection, delivery_id)


def withdraw_removed(connection: psycopg.Connection, delivery_id: int) -> int:
    """Close the rejected rows that a corrected return file no longer holds: its sheet says that this withdraws them.

    They are not put right, and still will be once a row that does it arrives. The file's rows must be linked to the
    rejected ones (landing did that); the caller commits.

    Returns:
        The number of rows withdrawn; 0 for any other delivery.
    """
    row = connection.execute("select uri from landing.delivery where delivery_id = %s", (delivery_id,)).fetchone()
    named = returned(str(row[0]).rpartition("/")[2]) if row else None
    if named is None:
        return 0
    withdrawn = connection.execute(
        """
        update quality.quarantine as q set withdrawn_by_delivery_id = %(id)s
        where q.delivery_id = %(first)s and q.resolved_by_delivery_id is null and q.withdrawn_by_delivery_id is null
          and not exists (
              select from landing.correction as c
              where c.delivery_id = %(id)s and c.of_delivery_id = q.delivery_id and c.of_row_no = q.row_no)
        """,
        {"id": delivery_id, "first": named[1]},
    ).rowcount
    if withdrawn:
        log.info("delivery %d leaves out %d rejected rows of delivery %d: withdrawn", delivery_id, withdrawn, named[1])
    return withdrawn
