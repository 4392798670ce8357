"""What the evaluation found, written down: quarantine with all reasons, duplicates, resolved rows, results per rule."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from market_regulation.quality.corrections import resolve_by_later, resolve_corrected, withdraw_removed
from market_regulation.quality.evaluation import CONFLICT, UNREADABLE, Counts
from market_regulation.quality.key_table import bulk_loading, key_table
from market_regulation.quality.known_rows import ACCEPTED, passing
from market_regulation.quality.suite import Meta, Suite
from market_regulation.sources.contract import Source


@dataclass(frozen=True)
class Settled:
    """Rows of a delivery that were rejected or known already, and rows rejected earlier that it puts right."""

    quarantined: int
    duplicate: int
    resolved: int


def settle(
    connection: psycopg.Connection, source: Source, suite: Suite, rows: str, delivery_id: int, day: dt.date
) -> Settled:
    """Write what became of each row of the snapshot ``rows``, by the tables of ``evaluate``; the caller commits."""
    quarantined = write_quarantine(connection, source, suite, delivery_id, day)
    duplicate = write_duplicates(connection, delivery_id)
    write_keys(connection, source, rows, delivery_id, day)
    resolved = resolve_earlier(connection, source, rows, delivery_id, day)
    resolved += resolve_corrected(connection, delivery_id)
    resolve_by_later(connection, source, delivery_id, day)
    withdraw_removed(connection, delivery_id)
    return Settled(quarantined, duplicate, resolved)


def write_quarantine(
    connection: psycopg.Connection, source: Source, suite: Suite, delivery_id: int, day: dt.date
) -> int:
    """Write each failing row with its record as received, every reason and warning; return how many there are."""
    reasons = {meta.rule_id: meta.reason for meta in all_rules(suite)}
    cursor = connection.execute(
        sql.SQL(
            """
            insert into quality.quarantine
                (delivery_id, source, row_no, business_day, source_key, record, rule_ids, reasons, warned_ids, warnings)
            select l.delivery_id, %(source)s, l.row_no, l.business_day, r.row_key,
                   case when l._raw is null
                        then to_jsonb(l) - array['business_day', 'delivery_id', 'row_no', '_raw']
                        else jsonb_build_object('_raw', l._raw) end,
                   r.failed,
                   (select array_agg(%(reasons)s::jsonb ->> f.rule_id order by f.position)
                    from unnest(r.failed) with ordinality as f (rule_id, position)),
                   coalesce(r.warned, '{{}}'),
                   coalesce((select array_agg(%(reasons)s::jsonb ->> w.rule_id order by w.position)
                             from unnest(r.warned) with ordinality as w (rule_id, position)), '{{}}')
            from row_check as r
            join {} as l on l.business_day = %(day)s and l.delivery_id = %(id)s and l.row_no = r.row_no
            where r.failed is not null
            """
        ).format(sql.Identifier("landing", source.source)),
        {"source": source.source, "reasons": Jsonb(reasons), "id": delivery_id, "day": day},
    )
    return cursor.rowcount


def write_duplicates(connection: psycopg.Connection, delivery_id: int) -> int:
    """Write the rows that repeat an accepted row; return how many there are."""
    return connection.execute(
        "insert into landing.duplicate (delivery_id, row_no, same_as_delivery_id, same_as_row_no)"
        " select %s, row_no, other_delivery_id, other_row_no from row_pair where equal",
        (delivery_id,),
    ).rowcount


def write_keys(connection: psycopg.Connection, source: Source, rows: str, delivery_id: int, day: dt.date) -> None:
    """Enter the keys of the accepted rows, for later deliveries to find."""
    with bulk_loading(connection, source, rows):
        connection.execute(
            sql.SQL("insert into {} select p.key_hash, %s, %s, p.row_no from {} as p where {}").format(
                key_table(source), passing(rows), ACCEPTED
            ),
            (day, delivery_id),
        )


def resolve_earlier(connection: psycopg.Connection, source: Source, rows: str, delivery_id: int, day: dt.date) -> int:
    """Link open quarantined rows to this delivery where it brings a good row of the same key; return how many.

    Good is a row that is accepted, or that repeats an accepted one. It must come under the profile of the rejected row,
    since keys of two submitters may be alike, in a later delivery, and on its business day or a later one: a past day
    that is delivered late says nothing of the days after it. Within one delivery nothing is resolved: a file with a
    good and a bad row of one key contradicts itself, and only its submitter knows which is meant.
    """
    return connection.execute(
        sql.SQL(
            """
            with same_hash as materialized (
                select q.delivery_id, q.row_no, q.source_key, p.row_no as new_row_no
                from quality.quarantine as q
                join landing.delivery as first on first.delivery_id = q.delivery_id
                join {passing} as p on p.key_hash = hashtextextended(q.source_key, 0)
                where q.source = %(source)s and q.resolved_by_delivery_id is null
                  and q.delivery_id < %(id)s and q.business_day <= %(day)s
                  and first.profile = (select d.profile from landing.delivery as d where d.delivery_id = %(id)s)
                  and not exists (select from row_check as r where r.row_no = p.row_no and r.failed is not null))
            update quality.quarantine as q set resolved_by_delivery_id = %(id)s
            from same_hash as h
            join {canonical} as c on c.business_day = %(day)s and c.delivery_id = %(id)s and c.row_no = h.new_row_no
            where q.delivery_id = h.delivery_id and q.row_no = h.row_no and c.row_key = h.source_key
            """
        ).format(passing=passing(rows), canonical=sql.Identifier("quality", f"{source.source}_canonical")),
        {"id": delivery_id, "source": source.source, "day": day},
    ).rowcount


def write_results(
    connection: psycopg.Connection,
    source: Source,
    suite: Suite,
    delivery_id: int,
    counts: Counts,
    gx_failed: Mapping[str, int],
) -> None:
    """Write one line per rule, landing's own two rules included, replacing those of an earlier check."""
    connection.execute("delete from quality.result where delivery_id = %s", (delivery_id,))
    lines = []
    for meta in all_rules(suite):
        failed = counts.failed.get(meta.rule_id, 0)
        evaluated = counts.checked + (counts.failed.get(meta.rule_id, 0) if meta is UNREADABLE else 0)
        verdict = "fail" if failed else "pass"
        lines.append(
            (delivery_id, meta.rule_id, source.source, meta.action, meta.severity, evaluated, failed,
             gx_failed.get(meta.rule_id), verdict, meta.reason)
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.result (delivery_id, rule_id, source, action, severity, evaluated_rows, failed_rows,"
            " gx_failed_rows, verdict, reason) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            lines,
        )


def all_rules(suite: Suite) -> list[Meta]:
    """Return landing's own rules and those of the suite."""
    return [UNREADABLE, CONFLICT, *(rule.meta for rule in suite.expectations)]
