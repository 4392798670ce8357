"""From the store into ``landing.<source>``: one delivery, one COPY, one transaction."""

import datetime as dt
import logging
from pathlib import Path

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.landing import deliveries, rerun
from market_regulation.landing.copying import copy_blocks, copy_delimiter
from market_regulation.landing.deliveries import Delivery
from market_regulation.landing.reading import DriftError, Rows, UnreadableFileError, count_rows, read_rows
from market_regulation.landing.returned import count_returned, first_delivery, link_corrections, read_returned
from market_regulation.quality.freshness import say_promise
from market_regulation.quality.key_table import ensure_keys
from market_regulation.quality.suite import Suite, load_suite
from market_regulation.quality.views import ensure_views
from market_regulation.sources.contract import Source
from market_regulation.sources.store import stored_file

log = logging.getLogger(__name__)
REPORT_EVERY = 100_000
LONG_DELIVERY = 16 << 20  # bytes of the stored file; from here on the rows get a partition of their own


def land_due(source: Source, day: dt.date) -> list[int]:
    """Land every delivery of the source that is registered and has no rows yet.

    A delivery whose headings drifted or that fits no profile is blocked; one with the bytes of a loaded delivery is a
    duplicate and lands nothing; one whose stored file is gone has failed. Blocked ones are taken up again when their
    contract or suite was mended (``rerun``). Killed at any point, a repeated call does what is left.

    Returns:
        The deliveries that landed.

    Raises:
        RuntimeError: Deliveries ran into an error that nobody foresaw; they stay due, the others have landed.
    """
    suite = prepare(source, day)
    landed, stuck = [], []
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        with connection.transaction():
            rerun.reopen(connection, source, suite)
            deliveries.settle_same_bytes(connection, source.source)
        for delivery_id in deliveries.due(connection, source.source, landed=False):
            connection.commit()
            try:
                with connection.transaction():
                    delivery = deliveries.lock(connection, delivery_id, landed=False)
                    if delivery is None or deliveries.waits_for_twin(connection, delivery):
                        continue
                    if _land(connection, source, delivery):
                        landed.append(delivery_id)
            except Exception as error:
                log.exception("%s delivery %d cannot be landed, the others go on", source.source, delivery_id)
                stuck.append(f"delivery {delivery_id}: {error!r}")
    if stuck:
        raise RuntimeError(f"{source.source}: {'; '.join(stuck)}; the log has the trace of each, the others landed")
    return landed


def _land(connection: psycopg.Connection, source: Source, delivery: Delivery) -> bool:
    where = f"{source.source} delivery {delivery.delivery_id} ({delivery.uri})"
    try:
        path = stored_file(source.source, delivery.sha256)
    except FileNotFoundError as error:
        log.error("%s failed: %s", where, error)
        deliveries.mark_failed(connection, delivery.delivery_id, str(error))
        return False
    try:
        received = _copy(connection, source, delivery, path)
    except (DriftError, UnreadableFileError) as error:
        received = _count(path, source, delivery)
        log.error("%s blocked, %d rows: %s", where, received, error)
        judged_by = rerun.standard(source, load_suite(source))
        deliveries.mark_blocked(connection, delivery.delivery_id, received, str(error), judged_by)
        return False
    deliveries.mark_received(connection, delivery.delivery_id, received)
    log.info("%s: %d rows landed", where, received)
    return True


def _copy(connection: psycopg.Connection, source: Source, delivery: Delivery, path: Path) -> int:
    """Write all rows of the file; nothing of it stays when an error is raised."""
    if delivery.profile not in source.profiles:
        globs = {name: profile.files for name, profile in source.profiles.items()}
        raise DriftError(f"the file's name fits no profile, or several: {globs} in {source.declared_in.name}")
    with connection.transaction():
        ensure_table(connection, source, delivery.business_day)
        comes_back = first_delivery(delivery) is not None
        rows = (
            read_returned(connection, path, source, delivery)
            if comes_back
            else read_rows(path, source, delivery.profile)
        )
        place = (source.source, delivery.business_day, delivery.delivery_id)
        own = _own_table(connection, place) if path.stat().st_size >= LONG_DELIVERY else None
        received = _stream(connection, source, delivery, rows, own or source.source)
        if own:
            connection.execute("select landing.close_delivery(%s, %s, %s)", place)
        if comes_back:
            link_corrections(connection, path, delivery)
        connection.execute("select landing.analyze_delivery(%s, %s, %s, %s)", (*place, received))
    return received


def _own_table(connection: psycopg.Connection, place: tuple[str, dt.date, int]) -> str | None:
    row = connection.execute("select landing.open_delivery(%s, %s, %s)", place).fetchone()
    return row[0] if row else None


def _count(path: Path, source: Source, delivery: Delivery) -> int:
    if first_delivery(delivery) is not None:
        return count_returned(path)
    return count_rows(path, source, delivery.profile)


def _stream(connection: psycopg.Connection, source: Source, delivery: Delivery, rows: Rows, table: str) -> int:
    columns = ["business_day", "delivery_id", "row_no", "_raw", *rows.columns]
    statement = sql.SQL("copy {} ({}) from stdin with (delimiter {}, freeze {})").format(
        sql.Identifier("landing", table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal(copy_delimiter(rows)),
        sql.Literal(table != source.source),  # a table made in this transaction: none of its rows changes any more
    )
    sent, report = 0, REPORT_EVERY
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block, sent in copy_blocks(rows, delivery.business_day, delivery.delivery_id):
            copy.write(block)
            if sent >= report:
                log.info("%s delivery %d: %d rows so far", source.source, delivery.delivery_id, sent)
                report += REPORT_EVERY
    return sent


def prepare(source: Source, day: dt.date) -> Suite:
    """Make the source's table and views what contract and suite say, before its first delivery; return the suite."""
    suite = load_suite(source)
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        ensure_table(connection, source, day)
        ensure_views(connection, source, suite)
        ensure_keys(connection, source)
        say_promise(connection, source)
    return suite


def ensure_table(connection: psycopg.Connection, source: Source, day: dt.date) -> None:
    """Make the source's landing table, its columns and the partition of the day's month, where missing."""
    connection.execute("select landing.ensure_table(%s, %s, %s)", (source.source, list(source.columns), day))
