"""Tables of the exchange database (前置库), read from a watermark on.

A foreign source offers only a watermark, and a row may be committed with a watermark older than one already read.
So each reading starts some time before the newest watermark seen (``overlap``), or at an older change that has
not landed, and leaves out the rows that have landed already with exactly the same content. A blocked delivery's
rows count as not landed: they are read again. Watermarks of later business days are left aside, so a past day that is
run late misses nothing, and one that lies in the future does not hide what comes before it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from market_regulation import settings
from market_regulation.sources import exchange_landed
from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.exchange_landed import ROWS_AT_ONCE, SLICE, Cells
from market_regulation.sources.fetch_error import Place
from market_regulation.sources.fetching import ExchangeTable
from market_regulation.sources.ndjson import line
from market_regulation.sources.store import StoreWriter


def fetch(source: Source, origin: ExchangeTable, day: dt.date, warehouse: psycopg.Connection) -> Arrivals:
    """Yield one arrival with the rows that are new or changed; none when there are none.

    Nothing is read while an earlier slice waits to be landed: only landed rows can be told from new ones.

    Raises:
        FetchError: The exchange database cannot be reached or read.
    """
    if exchange_landed.slice_waits(warehouse, source):
        return
    since = exchange_landed.newest_watermark(warehouse, source, day)
    watermark, rows = since, 0
    with StoreWriter(source.source, "ndjson") as store, _connect(source, origin) as exchange:
        start = exchange_landed.start(source, origin, since, warehouse, exchange)
        landed = exchange_landed.rows(warehouse, source, origin, start)
        for cells, in_time in _read(source, origin, start, day, warehouse, exchange):
            if exchange_landed.digest(cells) in landed:
                continue
            store.write(line(dict(zip(source.columns, cells, strict=True))))
            watermark = cells[list(source.columns).index(origin.watermark)] if in_time else watermark
            rows += 1
        if rows:
            sha256, size = store.keep(), store.size
    if rows:
        profile_name, profile = next(iter(source.profiles.items()))
        yield Arrival(
            identity=f"{origin.table}|{since}|{sha256}",
            uri=f"{SLICE}{origin.table}?{origin.watermark}>{since or ''}",
            profile=profile_name,
            submitter=profile.submitter,
            sha256=sha256,
            size=size,
            announced_rows=rows,
            watermark=exchange_landed.later(warehouse, since, watermark),
        )


@contextmanager
def _connect(source: Source, origin: ExchangeTable) -> Iterator[psycopg.Connection]:
    """Connect to the exchange database, which writes dates, times and zones our way.

    Raises:
        FetchError: It cannot be reached or read.
    """
    uri = settings.dsn("exchange", "loader")
    known = conninfo_to_dict(uri)
    place = Place(source.source, f"{known.get('host')}:{known.get('port', 5432)}/{known.get('dbname')}/{origin.table}")
    try:
        exchange = psycopg.connect(uri, connect_timeout=15, keepalives_idle=30, tcp_user_timeout=60_000)
    except psycopg.OperationalError as error:
        raise place.error(f"it cannot be reached ({error})", "check EXCHANGE_LOADER_URI, run again") from error
    with exchange:
        try:
            for name, value in (("TimeZone", settings.TIME_ZONE), ("DateStyle", "ISO, YMD")):
                exchange.execute("select set_config(%s, %s, false)", (name, value))
            yield exchange
        except psycopg.Error as error:
            if exchange.broken:
                raise place.error(f"the connection broke ({error})", "run again, nothing was entered") from error
            if exchange.info.transaction_status is TransactionStatus.INERROR:
                then = "compare fetch.table, watermark and columns of the contract with the table and our rights on it"
                raise place.error(f"it cannot be read ({error})", then) from error
            raise


def _read(
    source: Source,
    origin: ExchangeTable,
    start: str | None,
    day: dt.date,
    warehouse: psycopg.Connection,
    exchange: psycopg.Connection,
) -> Iterator[tuple[Cells, bool]]:
    """Yield the rows from ``start`` on and those without a watermark, as text, in the order (watermark, key).

    Beside each row stands whether its watermark lies within business day ``day`` or before. A document's bytes go to
    landing.document and the cell becomes their SHA-256.
    """
    documents = {
        index: list(source.columns).index(str(column.media_type_column))
        for index, column in enumerate(source.columns.values())
        if column.type == "document"
    }
    values = {"start": start, "day_end": day + dt.timedelta(days=1), "zone": settings.TIME_ZONE}
    with exchange.cursor("new_rows") as cursor:
        cursor.itersize = 20 if documents else ROWS_AT_ONCE
        for *cells, in_time in cursor.execute(_query(source, origin, start), values):
            for index, media_type in documents.items():
                if cells[index] is not None:
                    cells[index] = _keep_document(warehouse, cells[index], cells[media_type])
            yield cells, in_time


def _query(source: Source, origin: ExchangeTable, start: str | None) -> sql.Composed:
    columns = [
        sql.Identifier(name) if column.type == "document" else sql.SQL("{}::text").format(sql.Identifier(name))
        for name, column in source.columns.items()
    ]
    watermark = sql.Identifier(origin.watermark)
    after = sql.SQL("where ({0} >= %(start)s::timestamptz or {0} is null)" if start else "").format(watermark)
    keys = (sql.SQL('{}::text collate "C"').format(sql.Identifier(name)) for name in source.key)
    return sql.SQL(
        "select {columns}, coalesce({watermark} < %(day_end)s::timestamp at time zone %(zone)s, false)"
        " from {table} {after} order by {watermark}, {keys}"
    ).format(
        columns=sql.SQL(", ").join(columns),
        watermark=watermark,
        after=after,
        table=sql.Identifier(*origin.table.split(".")),
        keys=sql.SQL(", ").join(keys),
    )


def _keep_document(warehouse: psycopg.Connection, content: bytes, media_type: str | None) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    warehouse.execute(
        "insert into landing.document (sha256, media_type, content) values (%s, %s, %s) on conflict do nothing",
        (sha256, media_type or "application/octet-stream", content),
    )
    return sha256
