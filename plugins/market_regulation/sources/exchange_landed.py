"""What the warehouse already has of an exchange table, and where the next reading must start."""

import datetime as dt
import hashlib
import logging
from collections.abc import Sequence

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import ExchangeTable

log = logging.getLogger(__name__)
ROWS_AT_ONCE = 1000
LOOK_BACK_DAYS = 30
Cells = Sequence[str | None]


def slice_waits(warehouse: psycopg.Connection, source: Source) -> bool:
    """Tell whether a slice is entered that has not landed."""
    row = warehouse.execute(
        "select exists (select from landing.delivery"
        " where source = %s and status = 'loading' and received_rows is null)",
        (source.source,),
    ).fetchone()
    return bool(row and row[0])


def newest_watermark(warehouse: psycopg.Connection, source: Source, day: dt.date) -> str | None:
    """Return the newest watermark of the slices of ``day`` and before that are not refused."""
    row = warehouse.execute(
        "select watermark from landing.delivery where source = %s and watermark is not null and business_day <= %s"
        " and status in ('loading', 'loaded') order by watermark::timestamptz desc limit 1",
        (source.source, day),
    ).fetchone()
    return str(row[0]) if row else None


def later(warehouse: psycopg.Connection, one: str | None, other: str | None) -> str | None:
    """Return the later of two watermarks: a slice of late rows alone must not move it back."""
    row = warehouse.execute(
        "select w from unnest(array[%s, %s]::text[]) as w where w is not null order by w::timestamptz desc limit 1",
        (one, other),
    ).fetchone()
    return str(row[0]) if row else None


def start(
    source: Source,
    origin: ExchangeTable,
    since: str | None,
    warehouse: psycopg.Connection,
    exchange: psycopg.Connection,
) -> str | None:
    """Return where the reading starts: the overlap before ``since``, or an older day that has rows we have not.

    The last ``LOOK_BACK_DAYS`` before the overlap are compared day by day, by the number of keys whose newest
    watermark is of that day. None means from the beginning.
    """
    if since is None or not _has_table(warehouse, source):
        return None
    ((begin,),) = exchange.execute("select (%s::timestamptz - %s::interval)::text", (since, origin.overlap)).fetchall()
    there = _keys_by_day(exchange, source, origin, begin, sql.Identifier(*origin.table.split(".")))
    landed = sql.SQL(
        "(select l.* from {} as l join landing.delivery as d using (delivery_id)"
        " where d.status in ('loading', 'loaded') and l._raw is null) as landed"
    ).format(sql.Identifier("landing", source.source))
    with warehouse.transaction():
        warehouse.execute("select set_config('TimeZone', %s, true)", (settings.TIME_ZONE,))
        here = _keys_by_day(warehouse, source, origin, begin, landed)
    late = {day: number - here.get(day, 0) for day, number in there.items() if number > here.get(day, 0)}
    if not late:
        return str(begin)
    log.warning(
        "%s: %s: rows were committed later than the overlap of %s (day: number) %s; they are read now. Next: make"
        " fetch.overlap longer if this happens often",
        source.source, origin.table, origin.overlap, {str(day): number for day, number in sorted(late.items())},
    )  # fmt: skip
    return min(late).isoformat()


def _keys_by_day(
    connection: psycopg.Connection, source: Source, origin: ExchangeTable, begin: str, table: sql.Composable
) -> dict[dt.date, int]:
    query = sql.SQL(
        "select newest::date, count(*) from ("
        " select max({watermark}::timestamptz) as newest from {table}"
        " where {watermark}::timestamptz >= (%(begin)s::timestamptz - %(days)s * interval '1 day')::date"
        " group by {keys}) as k"
        " where newest < %(begin)s::timestamptz group by 1"
    ).format(
        watermark=sql.Identifier(origin.watermark),
        table=table,
        keys=sql.SQL(", ").join(map(sql.Identifier, source.key)),
    )
    return dict(connection.execute(query, {"begin": begin, "days": LOOK_BACK_DAYS}).fetchall())


def rows(warehouse: psycopg.Connection, source: Source, origin: ExchangeTable, begin: str | None) -> set[bytes]:
    """Return the digests of the rows that landed with a watermark from ``begin`` on, or with none."""
    if not _has_table(warehouse, source):
        return set()
    query = sql.SQL(
        "select {} from {} as l join landing.delivery as d using (delivery_id)"
        " where d.status in ('loading', 'loaded') and l._raw is null"
        " and (l.{}::timestamptz >= %s::timestamptz) is not false"
    ).format(
        sql.SQL(", ").join(sql.Identifier("l", name) for name in source.columns),
        sql.Identifier("landing", source.source),
        sql.Identifier(origin.watermark),
    )
    with warehouse.transaction(), warehouse.cursor("landed_rows") as cursor:
        warehouse.execute("select set_config('TimeZone', %s, true)", (settings.TIME_ZONE,))
        cursor.itersize = ROWS_AT_ONCE
        return {digest(row) for row in cursor.execute(query, (begin,))}


def digest(cells: Cells) -> bytes:
    """Return what tells a row's content from another's."""
    return hashlib.blake2b(repr(tuple(cells)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _has_table(warehouse: psycopg.Connection, source: Source) -> bool:
    name = sql.Identifier("landing", source.source).as_string()
    return warehouse.execute("select to_regclass(%s) is not null", (name,)).fetchone() == (True,)
