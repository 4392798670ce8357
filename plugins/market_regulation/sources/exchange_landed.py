"""What the warehouse already has of an exchange table, and where the next reading must start."""

import datetime as dt
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import ExchangeTable

log = logging.getLogger(__name__)
ROWS_AT_ONCE = 1000
SLICE = "exchange/"  # how the uri of a slice begins; a return file is no slice, and what a person wrote no watermark
Cells = Sequence[str | None]

ROWS = sql.SQL("(select row({keys})::text as k, {watermark}::timestamptz as w from {table}) as r")
PAIR = sql.SQL("md5(k || (extract(epoch from w) * 1000000)::bigint)")
BEFORE = sql.SQL("w < %(begin)s::timestamptz and isfinite(w) and (w >= %(after)s::timestamptz) is not false")
SPAN = sql.SQL("""
    (case when w >= (%(begin)s::timestamptz - %(days)s * interval '1 day')::date
     then w::date else date_trunc('month', w)::date end)::text
""")
TOTALS = sql.SQL("""
    select {span}, count(*) || ' ' || sum(('x' || left({pair}, 8))::bit(32)::bigint)
    from (select k, max(w) as w from {rows} group by k) as newest
    where {before} group by 1
""")
PAIRS = sql.SQL("select {pair}, w::text from {rows} where {before} and {span} = any(%(spans)s) order by w")


def slice_waits(warehouse: psycopg.Connection, source: Source) -> bool:
    """Tell whether a slice is entered that has not landed."""
    row = warehouse.execute(
        "select exists (select from landing.delivery"
        " where source = %s and starts_with(uri, %s) and status = 'loading' and received_rows is null)",
        (source.source, SLICE),
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
    """Return where the reading starts: the overlap before ``since``, or the oldest change before it that we have not.

    What lies before the overlap is compared by totals, of each of the last ``look_back_days`` and of each month before
    them; where these differ, each pair of key and watermark is looked for. So neither a late insert nor a late update
    is hidden by a deletion. None means from the beginning.
    """
    if since is None or not _has_table(warehouse, source):
        return None
    ((begin,),) = exchange.execute("select (%s::timestamptz - %s::interval)::text", (since, origin.overlap)).fetchall()
    late = _late(source, origin, begin, warehouse, exchange)
    if not late:
        return str(begin)
    log.warning(
        "%s: %s: rows were committed later than the overlap of %s (day: number) %s; they are read now. Next: make"
        " fetch.overlap longer if this happens often",
        source.source, origin.table, origin.overlap, dict(Counter(watermark[:10] for watermark in late)),
    )  # fmt: skip
    return late[0]


def _late(
    source: Source, origin: ExchangeTable, begin: str, warehouse: psycopg.Connection, exchange: psycopg.Connection
) -> list[str]:
    """Return the watermarks before ``begin`` of the rows that have not landed, oldest first."""
    table = sql.Identifier(*origin.table.split("."))
    landed = _landed(source, dict.fromkeys([*source.key, origin.watermark]))
    given: dict[str, object] = {"begin": begin, "days": origin.look_back_days}
    with warehouse.transaction():
        warehouse.execute("select set_config('TimeZone', %s, true)", (settings.TIME_ZONE,))
        given["after"] = _erased_until(warehouse, source)
        here = set(warehouse.execute(_filled(TOTALS, source, origin, landed), given))
        there = set(exchange.execute(_filled(TOTALS, source, origin, table), given))
        given["spans"] = [span for span, _ in there - here]
        if not given["spans"]:
            return []
        with exchange.cursor("rows_there") as rows_there, warehouse.cursor("rows_here") as rows_here:
            rows_there.itersize = rows_here.itersize = ROWS_AT_ONCE
            missing: dict[str, str] = dict(rows_there.execute(_filled(PAIRS, source, origin, table), given))
            for pair, _ in rows_here.execute(_filled(PAIRS, source, origin, landed), given):
                missing.pop(pair, None)
    return list(missing.values())


def _filled(query: sql.SQL, source: Source, origin: ExchangeTable, table: sql.Composable) -> sql.Composed:
    rows = ROWS.format(
        keys=sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in source.key),
        watermark=sql.Identifier(origin.watermark),
        table=table,
    )
    return query.format(pair=PAIR, span=SPAN, before=BEFORE, rows=rows)


def _erased_until(warehouse: psycopg.Connection, source: Source) -> dt.date | None:
    """Return the day after the last business day whose landed rows are erased, by term: they must not come again."""
    row = warehouse.execute(
        sql.SQL(
            "select max(d.business_day) + 1 from landing.delivery as d"
            " where d.source = {} and d.status = 'loaded' and d.received_rows > 0 and starts_with(d.uri, {})"
            " and not exists (select from {} as l where l.delivery_id = d.delivery_id)"
        ).format(source.source, SLICE, sql.Identifier("landing", source.source))
    ).fetchone()
    return row[0] if row else None


def _landed(source: Source, columns: Iterable[str]) -> sql.Composed:
    """Return a subquery of what landed by slices; nothing of another row is read before that is decided."""
    return sql.SQL(
        "(select {} from {} as l join landing.delivery as d using (delivery_id)"
        " where d.status in ('loading', 'loaded') and starts_with(d.uri, {}) and l._raw is null offset 0) as landed"
    ).format(
        sql.SQL(", ").join(sql.Identifier("l", name) for name in columns),
        sql.Identifier("landing", source.source),
        SLICE,
    )


def rows(warehouse: psycopg.Connection, source: Source, origin: ExchangeTable, begin: str | None) -> set[bytes]:
    """Return the digests of the rows that landed with a watermark from ``begin`` on, or with none."""
    if not _has_table(warehouse, source):
        return set()
    query = sql.SQL("select * from {} where ({}::timestamptz >= %s::timestamptz) is not false").format(
        _landed(source, source.columns), sql.Identifier(origin.watermark)
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
