"""Rows whose key was seen before: the same content is a duplicate, other content a conflict or a new version.

Content is compared as it is read (canonical), so a trailing blank or another date format makes no new version. Keys
are found by a 64-bit hash and compared as they are before anything follows from it.
"""

import datetime as dt

import psycopg
from psycopg import sql

from market_regulation.quality.key_table import key_table
from market_regulation.sources.contract import Source

# Condition on a passing row p: neither a conflict nor a duplicate.
ACCEPTED = sql.SQL(
    "not exists (select from row_check as r where r.row_no = p.row_no and r.failed is not null)"
    " and not exists (select from row_pair as s where s.row_no = p.row_no and s.equal)"
)


def passing(rows: str) -> sql.Composed:
    """Return the rows of a snapshot that break no rule and have a key: ``key_hash`` and ``row_no``, as a query."""
    return sql.SQL("(select key_hash, row_no from {} where failed is null and key_hash is not null)").format(
        sql.Identifier("quality", rows)
    )


def find_known_rows(
    connection: psycopg.Connection, source: Source, rows: str, delivery_id: int, day: dt.date, conflict: str
) -> None:
    """Pair each passing row of the snapshot ``rows`` with the row of the same key before it, in table ``row_pair``.

    Within the delivery the first passing row of a key stands: a later row of other content breaks rule ``conflict``.
    The first rows are paired with the row that was accepted last in earlier deliveries of business days up to this
    one, so a value that goes back to an older one is news, and a past day that is delivered late is compared with
    what was known on it. Afterwards ``row_pair.equal`` marks the duplicates.
    """
    parameters = {"id": delivery_id, "day": day, "conflict": conflict}
    connection.execute(sql.SQL("analyze {} (key_hash, failed)").format(sql.Identifier("quality", rows)))
    for statement in (_REPEATED_KEYS, _REPEATED, _LATEST_ACCEPTED):
        query = sql.SQL(statement).format(passing=passing(rows), keys=key_table(source))
        connection.execute(query, parameters)
    connection.execute("create index on row_pair (row_no)")
    connection.execute("analyze row_pair")
    connection.execute(_mark_equal(source), parameters)
    connection.execute("delete from row_pair where equal is null")
    canonical = sql.Identifier("quality", f"{source.source}_canonical")
    connection.execute(sql.SQL(_CONFLICTS).format(canonical=canonical), parameters)


_REPEATED_KEYS = """
    create temporary table repeated_key on commit drop as
    select key_hash, min(row_no) as first_row_no from {passing} as p group by key_hash having count(*) > 1
"""

_REPEATED = """
    create temporary table row_pair on commit drop as
    select p.row_no, %(id)s::bigint as other_delivery_id, k.first_row_no as other_row_no, %(day)s::date as other_day,
           null::boolean as equal
    from {passing} as p join repeated_key as k on k.key_hash = p.key_hash
    where p.row_no > k.first_row_no
"""

_LATEST_ACCEPTED = """
    insert into row_pair
    select distinct on (p.row_no) p.row_no, k.delivery_id, k.row_no, k.business_day, null
    from {passing} as p
    join {keys} as k on k.key_hash = p.key_hash
    where k.delivery_id < %(id)s and k.business_day <= %(day)s
      and not exists (select from row_pair as s where s.row_no = p.row_no)
    order by p.row_no, k.business_day desc, k.delivery_id desc, k.row_no desc
"""


_CONFLICTS = """
    with conflict as (
        select p.row_no, c.row_key from row_pair as p
        join {canonical} as c on c.business_day = %(day)s and c.delivery_id = %(id)s and c.row_no = p.row_no
        where not p.equal and p.other_delivery_id = %(id)s),
    warned as (
        update row_check as r set failed = array[%(conflict)s] from conflict as c where c.row_no = r.row_no
        returning r.row_no)
    insert into row_check
    select row_no, row_key, array[%(conflict)s], null from conflict where row_no not in (select row_no from warned)
"""


def _mark_equal(source: Source) -> sql.Composed:
    """Equal bytes under one profile settle most pairs; only the others are read and compared as canonical texts.

    A pair whose keys prove to differ keeps ``equal`` null.
    """

    def row(table: str) -> sql.Composed:
        return sql.SQL("({})").format(sql.SQL(", ").join(sql.Identifier(table, name) for name in source.columns))

    return sql.SQL(
        """
        update row_pair as p set equal = case
              when dn.profile = d_o.profile and {n} is not distinct from {o} then true
              else (
                  select case when nc.row_key = oc.row_key then {nc} is not distinct from {oc} end
                  from {canonical} as nc, {canonical} as oc
                  where nc.business_day = n.business_day and nc.delivery_id = n.delivery_id and nc.row_no = n.row_no
                    and oc.business_day = o.business_day and oc.delivery_id = o.delivery_id and oc.row_no = o.row_no
              )
          end
        from {landing} as n, {landing} as o, landing.delivery as dn, landing.delivery as d_o
        where n.business_day = %(day)s and n.delivery_id = %(id)s and n.row_no = p.row_no
          and o.business_day = p.other_day and o.delivery_id = p.other_delivery_id and o.row_no = p.other_row_no
          and dn.delivery_id = n.delivery_id and d_o.delivery_id = o.delivery_id
        """
    ).format(
        landing=sql.Identifier("landing", source.source),
        canonical=sql.Identifier("quality", f"{source.source}_canonical"),
        n=row("n"),
        o=row("o"),
        nc=row("nc"),
        oc=row("oc"),
    )
