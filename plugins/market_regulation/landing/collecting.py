"""Fetching what is due into the store and entering it as deliveries."""

import datetime as dt
import logging
from contextlib import closing
from functools import partial
from typing import assert_never

import psycopg

from market_regulation import business_day, settings
from market_regulation.database import lease
from market_regulation.landing import deliveries
from market_regulation.sources import exchange_table, file_drop, http_api, object_store, sftp
from market_regulation.sources.arrival import Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import ExchangeTable, FileDrop, HttpApi, ObjectStore, Sftp

log = logging.getLogger(__name__)


def collect(source: Source, day: dt.date) -> list[int]:
    """Fetch whatever is due and enter it for business day ``day``; return files are taken from every source's inbox.

    Each arrival is in the store before it is entered, and entered before its origin is told; an arrival seen twice
    is entered once. Of two copies of this step at work at once only the later one enters anything.

    Returns:
        The deliveries entered.

    Raises:
        StaleLeaseError: Another copy of this step began after this one.
        FetchError: The source cannot be fetched; what arrived before is entered.
    """
    entered = []
    name = f"collect.{source.source}"
    with psycopg.connect(settings.dsn("warehouse", "loader"), autocommit=True) as connection:
        token = lease.take(connection, name)
        with closing(_arrivals(source, day, connection)) as arrivals:
            for arrival in arrivals:
                with connection.transaction():
                    lease.hold(connection, name, token)
                    delivery_id = deliveries.register(connection, source.source, arrival, day)
                if delivery_id is None:
                    log.info("%s: %r is known already", source.source, arrival.uri)
                    continue
                log.info("%s: %r is delivery %d, %d bytes", source.source, arrival.uri, delivery_id, arrival.size)
                entered.append(delivery_id)
    return entered


def _arrivals(source: Source, day: dt.date, warehouse: psycopg.Connection) -> Arrivals:
    """Yield what lies in the inbox, and what comes by the contract's own road."""
    yield from file_drop.fetch(source)
    if not isinstance(source.fetch, FileDrop):
        yield from _fetched(source, source.fetch, day, warehouse)


def _fetched(
    source: Source, fetch: Sftp | ObjectStore | HttpApi | ExchangeTable, day: dt.date, warehouse: psycopg.Connection
) -> Arrivals:
    is_known = partial(deliveries.is_entered, warehouse, source.source)
    match fetch:
        case Sftp() as folder:
            return sftp.fetch(source, folder, is_known)
        case ObjectStore() as bucket:
            return object_store.fetch(source, bucket, is_known)
        case HttpApi() as api:
            return http_api.fetch(source, api, day)
        case ExchangeTable() as table:
            return exchange_table.fetch(source, table, day, warehouse)
        case other:
            assert_never(other)


def current_business_day() -> dt.date:
    """Return the platform's business day, for a run that was given none."""
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        return business_day.get(connection)
