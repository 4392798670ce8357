"""Checking landed deliveries: rules, quarantine, duplicates, gate; one transaction per delivery."""

import datetime as dt
import logging
from concurrent.futures import ThreadPoolExecutor

import psycopg

from market_regulation import settings
from market_regulation.landing import deliveries, rerun
from market_regulation.landing.deliveries import Delivery
from market_regulation.landing.loading import land_due, prepare
from market_regulation.landing.returned import first_delivery
from market_regulation.quality.evaluation import Counts, evaluate
from market_regulation.quality.expectations import run_expectations
from market_regulation.quality.freshness import newest_event, staleness
from market_regulation.quality.gate import problems
from market_regulation.quality.landed_rows import find_rows
from market_regulation.quality.outcome import DeliveryResult
from market_regulation.quality.settlement import Settled, all_rules, settle, write_results
from market_regulation.quality.snapshot import drop_snapshot, take_snapshot
from market_regulation.quality.suite import Suite, load_suite
from market_regulation.sources.contract import Source, Volume

log = logging.getLogger(__name__)
TOP_REASONS = 5


def check_due(source: Source, day: dt.date) -> list[DeliveryResult]:
    """Check every landed delivery of the source that has no verdict yet, oldest first.

    Returns:
        One result per delivery decided, each also logged as one line. Killed at any point, nothing of an unfinished
        check stays and a repeated call does what is left.
    """
    suite = load_suite(source)
    prepare(source, day)
    results = []
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        for delivery_id in deliveries.due(connection, source.source, landed=True):
            connection.commit()
            with connection.transaction():
                delivery = deliveries.lock(connection, delivery_id, landed=True)
                if delivery:
                    results.append(_check(connection, source, suite, delivery))
        connection.commit()
        with connection.transaction():
            deliveries.settle_same_bytes(connection, source.source)
    if land_due(source, day):  # deliveries that waited for another one of the same bytes, which was then blocked
        results += check_due(source, day)
    return results


def _check(connection: psycopg.Connection, source: Source, suite: Suite, delivery: Delivery) -> DeliveryResult:
    day, delivery_id, received = delivery.business_day, delivery.delivery_id, delivery.received_rows or 0
    rows = take_snapshot(
        source, suite, delivery.profile, find_rows(connection, source.source, delivery_id, day, received)
    )
    newest = newest_event(connection, source, rows, day)
    warnings = tuple(filter(None, [_too_many(source, received), staleness(source, newest, day)]))
    with ThreadPoolExecutor(1) as aside:  # Great Expectations and our SQL read the snapshot at the same time
        validation = aside.submit(run_expectations, source, suite, rows, delivery_id, day)
        counts = evaluate(connection, source, rows, delivery_id, day, received)
        with connection.transaction() as settlement:
            settled = settle(connection, source, suite, rows, delivery_id, day)
            gx = validation.result()
            found = problems(suite, _bounds(source, delivery), delivery.announced_rows, received, counts, gx)
            if found:
                raise psycopg.Rollback(settlement)
    drop_snapshot(connection, rows)
    write_results(connection, source, suite, delivery_id, counts, gx.failed)
    if found:
        settled = Settled(quarantined=0, duplicate=0, resolved=0)
        judged_by = rerun.standard(source, suite)
        deliveries.mark_blocked(connection, delivery_id, received, "; ".join(found), judged_by)
    else:
        accepted = received - settled.quarantined - settled.duplicate
        deliveries.mark_loaded(
            connection,
            delivery_id,
            accepted,
            settled.quarantined,
            settled.duplicate,
            newest,
            "; ".join(warnings) or None,
        )
    result = DeliveryResult(
        delivery_id=delivery_id,
        source=source.source,
        uri=delivery.uri,
        received=received,
        accepted=0 if found else received - settled.quarantined - settled.duplicate,
        quarantined=settled.quarantined,
        duplicate=settled.duplicate,
        blocked=received if found else 0,
        verdict="blocked" if found else "loaded",
        top_reasons=_top_reasons(suite, counts),
        problems=found,
        warnings=warnings,
        resolved=settled.resolved,
        data_docs=gx.data_docs,
    )
    log.log(logging.ERROR if found else logging.WARNING if warnings else logging.INFO, "%s", result.line())
    return result


def _bounds(source: Source, delivery: Delivery) -> Volume:
    """Return the bounds of volume; a corrected return file may have any number of rows."""
    return source.volume if first_delivery(delivery) is None else source.volume.model_copy(update={"min": 0})


def _too_many(source: Source, received: int) -> str | None:
    if received > source.volume.max:
        return f"{received} rows, the contract expects at most {source.volume.max} (volume.max)"
    return None


def _top_reasons(suite: Suite, counts: Counts) -> tuple[tuple[str, str, str, int], ...]:
    """Return the most frequent broken rules of each severity, the gravest first."""
    broken = [(meta, counts.failed[meta.rule_id]) for meta in all_rules(suite) if counts.failed.get(meta.rule_id)]
    return tuple(
        (severity, meta.rule_id, meta.reason, rows)
        for severity in ("critical", "error", "warning")
        for meta, rows in sorted(
            (one for one in broken if one[0].severity == severity), key=lambda one: (-one[1], one[0].rule_id)
        )[:TOP_REASONS]
    )
