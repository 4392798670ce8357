"""Rows whose key was seen before: the same content is a duplicate, other content a conflict or a new version.

Content is compared as it is read (canonical), so a trailing blank or another date format makes no new version.
"""

import datetime as dt

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import key_expression
from market_regulation.sources.contract import Source


def find_known_rows(
    connection: psycopg.Connection, source: Source, delivery_id: int, day: dt.date, conflict: str
) -> None:
    """Pair each passing row of ``row_check`` with the row of the same key before it, in table ``row_pair``.

    Within the delivery the first passing row of a key stands: a later row of other content breaks rule ``conflict``.
    The first rows are paired with the row that was accepted last in earlier deliveries of business days up to this
    one, so a value that goes back to an older one is news, and a past day that is delivered late is compared with
    what was known on it. Afterwards ``row_pair.equal`` marks the duplicates.
    """
    parameters = {"id": delivery_id, "day": day, "conflict": conflict}
    connection.execute(
        """
        create temporary table row_pair on commit drop as
        select r.row_no, %(id)s::bigint as other_delivery_id, f.first_row_no as other_row_no,
               %(day)s::date as other_day, false as equal
        from (select row_key, min(row_no) as first_row_no from row_check
              where failed is null and row_key is not null group by row_key having count(*) > 1) as f
        join row_check as r on r.row_key = f.row_key and r.failed is null and r.row_no > f.first_row_no
        """,
        parameters,
    )
    table = sql.Identifier("landing", source.source)
    connection.execute(sql.SQL(_LATEST_ACCEPTED).format(table=table, key=key_expression(source, "l")), parameters)
    connection.execute("create index on row_pair (row_no)")
    connection.execute("analyze row_pair")
    connection.execute(_mark_equal(source), parameters)
    connection.execute(
        "update row_check as r set failed = array[%(conflict)s] from row_pair as p"
        " where p.row_no = r.row_no and not p.equal and p.other_delivery_id = %(id)s",
        parameters,
    )


_LATEST_ACCEPTED = """
    insert into row_pair
    select distinct on (r.row_no) r.row_no, l.delivery_id, l.row_no, l.business_day, false
    from row_check as r
    join {table} as l on hashtextextended({key}, 0) = hashtextextended(r.row_key, 0) and {key} = r.row_key
    join landing.delivery as d on d.delivery_id = l.delivery_id and d.status = 'loaded'
    where r.failed is null and l._raw is null and l.delivery_id < %(id)s and l.business_day <= %(day)s
      and not exists (select from row_pair as p where p.row_no = r.row_no)
      and not exists (select from quality.quarantine as q where q.delivery_id = l.delivery_id and q.row_no = l.row_no)
      and not exists (select from landing.duplicate as s where s.delivery_id = l.delivery_id and s.row_no = l.row_no)
    order by r.row_no, l.business_day desc, l.delivery_id desc, l.row_no desc
"""


def _mark_equal(source: Source) -> sql.Composed:
    """Equal bytes under one profile settle most pairs; only the others are read and compared as canonical texts."""

    def row(table: str) -> sql.Composed:
        return sql.SQL("({})").format(sql.SQL(", ").join(sql.Identifier(table, name) for name in source.columns))

    return sql.SQL(
        """
        update row_pair as p set equal = true
        from {landing} as n, {landing} as o, landing.delivery as dn, landing.delivery as d_o
        where n.business_day = %(day)s and n.delivery_id = %(id)s and n.row_no = p.row_no
          and o.business_day = p.other_day and o.delivery_id = p.other_delivery_id and o.row_no = p.other_row_no
          and dn.delivery_id = n.delivery_id and d_o.delivery_id = o.delivery_id
          and case
              when dn.profile = d_o.profile and {n} is not distinct from {o} then true
              else (
                  select {nc} is not distinct from {oc} from {canonical} as nc, {canonical} as oc
                  where nc.business_day = n.business_day and nc.delivery_id = n.delivery_id and nc.row_no = n.row_no
                    and oc.business_day = o.business_day and oc.delivery_id = o.delivery_id and oc.row_no = o.row_no
              )
          end
        """
    ).format(
        landing=sql.Identifier("landing", source.source),
        canonical=sql.Identifier("quality", f"{source.source}_canonical"),
        n=row("n"),
        o=row("o"),
        nc=row("nc"),
        oc=row("oc"),
    )
