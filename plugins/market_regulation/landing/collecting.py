"""Fetching what is due into the store and entering it as deliveries."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator

import psycopg

from market_regulation import settings
from market_regulation.landing import deliveries, lease
from market_regulation.sources import exchange_table, file_drop, http_api
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source

log = logging.getLogger(__name__)

FETCHERS: dict[str, Callable[[Source, dt.date, psycopg.Connection], Iterator[Arrival]]] = {
    "file_drop": file_drop.fetch,
    "http_api": http_api.fetch,
    "exchange_table": exchange_table.fetch,
}


def collect(source: Source, day: dt.date) -> list[int]:
    """Fetch whatever is due and enter it for business day ``day``.

    Each arrival is in the store before it is entered, and entered before its origin is told; an arrival seen twice
    is entered once. Of two copies of this step at work at once only the later one enters anything.

    Returns:
        The deliveries entered.

    Raises:
        LeaseLostError: Another copy of this step began after this one.
    """
    entered = []
    name = f"collect.{source.source}"
    with psycopg.connect(settings.dsn("warehouse", "loader"), autocommit=True) as connection:
        token = lease.take(connection, name)
        for arrival in FETCHERS[source.fetch.kind](source, day, connection):
            with connection.transaction():
                lease.hold(connection, name, token)
                delivery_id = deliveries.register(connection, source.source, arrival, day)
            if delivery_id is None:
                log.info("%s: %s is known already", source.source, arrival.uri)
                continue
            log.info("%s: %s entered as delivery %d, %d bytes", source.source, arrival.uri, delivery_id, arrival.size)
            entered.append(delivery_id)
    return entered
