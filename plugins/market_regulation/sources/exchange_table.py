"""Tables of the exchange database (前置库), read from a watermark on.

A foreign source offers only a watermark, and a row may be committed with a watermark older than one already read.
So each reading starts some time before the newest watermark seen (``overlap``) and leaves out the rows that have
landed already with exactly the same content. A blocked delivery's rows count as not landed: they are read again.
Watermarks of later business days are left aside, so a past day that is run late misses nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import ExchangeTable
from market_regulation.sources.ndjson import line
from market_regulation.sources.store import StoreWriter

ROWS_AT_ONCE = 1000
Cells = Sequence[str | None]


def fetch(source: Source, origin: ExchangeTable, day: dt.date, warehouse: psycopg.Connection) -> Arrivals:
    """Yield one arrival with the rows that are new or changed; none when there are none.

    Nothing is read while an earlier slice waits to be landed: only landed rows can be told from new ones.

    Raises:
        psycopg.Error: The exchange database cannot be read.
    """
    if _slice_waits(warehouse, source):
        return
    since = _newest_watermark(warehouse, source, day)
    landed = _landed_rows(warehouse, source, origin, since)
    profile_name, profile = next(iter(source.profiles.items()))
    watermark, rows = since, 0
    with StoreWriter(source.source, "ndjson") as store:
        for cells in _read(source, origin, since, warehouse):
            if _digest(cells) in landed:
                continue
            store.write(line(dict(zip(source.columns, cells, strict=True))))
            watermark = cells[list(source.columns).index(origin.watermark)]
            rows += 1
        if not rows:
            return
        sha256, size = store.keep(), store.size
    yield Arrival(
        identity=f"{origin.table}|{since}|{sha256}",
        uri=f"exchange/{origin.table}?{origin.watermark}>{since or ''}",
        profile=profile_name,
        submitter=profile.submitter,
        sha256=sha256,
        size=size,
        announced_rows=rows,
        watermark=_later(warehouse, since, watermark),
    )


def _slice_waits(warehouse: psycopg.Connection, source: Source) -> bool:
    row = warehouse.execute(
        "select exists (select from landing.delivery"
        " where source = %s and status = 'loading' and received_rows is null)",
        (source.source,),
    ).fetchone()
    return bool(row and row[0])


def _newest_watermark(warehouse: psycopg.Connection, source: Source, day: dt.date) -> str | None:
    row = warehouse.execute(
        "select watermark from landing.delivery where source = %s and watermark is not null and business_day <= %s"
        " and status in ('loading', 'loaded') order by watermark::timestamptz desc limit 1",
        (source.source, day),
    ).fetchone()
    return str(row[0]) if row else None


def _later(warehouse: psycopg.Connection, one: str | None, other: str | None) -> str | None:
    """A slice of late rows alone must not move the watermark back."""
    row = warehouse.execute(
        "select w from unnest(array[%s, %s]::text[]) as w where w is not null order by w::timestamptz desc limit 1",
        (one, other),
    ).fetchone()
    return str(row[0]) if row else None


def _landed_rows(warehouse: psycopg.Connection, source: Source, origin: ExchangeTable, since: str | None) -> set[bytes]:
    """Return the digests of the rows that landed from within the overlap window; of all rows without a watermark."""
    table = sql.Identifier("landing", source.source)
    if warehouse.execute("select to_regclass(%s) is null", (table.as_string(),)).fetchone() == (True,):
        return set()
    query = sql.SQL(
        "select {} from {} as l join landing.delivery as d using (delivery_id)"
        " where d.status in ('loading', 'loaded') and l._raw is null"
        " and (l.{}::timestamptz > %s::timestamptz - %s::interval) is not false"
    ).format(
        sql.SQL(", ").join(sql.Identifier("l", name) for name in source.columns),
        table,
        sql.Identifier(origin.watermark),
    )
    with warehouse.transaction(), warehouse.cursor("landed_rows") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        return {_digest(row) for row in cursor.execute(query, (since, origin.overlap))}


def _digest(cells: Cells) -> bytes:
    return hashlib.blake2b(repr(tuple(cells)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _read(source: Source, origin: ExchangeTable, since: str | None, warehouse: psycopg.Connection) -> Iterator[Cells]:
    """Yield the rows after the watermark less the overlap, as text, in the order (watermark, key).

    A document's bytes go to landing.document and the cell becomes their SHA-256.
    """
    documents = {
        index: list(source.columns).index(str(column.media_type_column))
        for index, column in enumerate(source.columns.values())
        if column.type == "document"
    }
    with psycopg.connect(settings.dsn("exchange", "loader")) as exchange:
        exchange.execute("select set_config('TimeZone', %s, false)", (settings.TIME_ZONE,))
        with exchange.cursor("new_rows") as cursor:
            cursor.itersize = 20 if documents else ROWS_AT_ONCE
            for row in cursor.execute(_query(source, origin, since), {"since": since, "overlap": origin.overlap}):
                cells = list(row)
                for index, media_type in documents.items():
                    if cells[index] is not None:
                        cells[index] = _keep_document(warehouse, cells[index], cells[media_type])
                yield cells


def _query(source: Source, origin: ExchangeTable, since: str | None) -> sql.Composed:
    schema, table = origin.table.split(".")
    watermark = sql.Identifier(origin.watermark)
    columns = [
        sql.Identifier(name) if column.type == "document" else sql.SQL("{}::text").format(sql.Identifier(name))
        for name, column in source.columns.items()
    ]
    after = sql.SQL("where {} > %(since)s::timestamptz - %(overlap)s::interval" if since else "").format(watermark)
    keys = (sql.SQL('{}::text collate "C"').format(sql.Identifier(name)) for name in source.key)
    return sql.SQL("select {} from {} {} order by {}").format(
        sql.SQL(", ").join(columns), sql.Identifier(schema, table), after, sql.SQL(", ").join([watermark, *keys])
    )


def _keep_document(warehouse: psycopg.Connection, content: bytes, media_type: str | None) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    warehouse.execute(
        "insert into landing.document (sha256, media_type, content) values (%s, %s, %s) on conflict do nothing",
        (sha256, media_type or "application/octet-stream", content),
    )
    return sha256
