"""What fails a source's day: deliveries that wait for somebody, and a source that fell silent."""

import datetime as dt
import logging

import psycopg

from market_regulation import settings
from market_regulation.landing.deliveries import unreplaced
from market_regulation.quality.freshness import newest_accepted
from market_regulation.sources.contract import Source

log = logging.getLogger(__name__)


def problems(source: Source, day: dt.date) -> list[str]:
    """Return one sentence for each thing that somebody must look after; empty when all is well.

    These are the deliveries of the day that were refused and not replaced, and a newest accepted event older than
    ``freshness.error_days``, whether something was delivered or not. One older than ``warn_days`` is only logged, and a
    source of which nothing was ever accepted is not stale.
    """
    found = unreplaced(source, day)
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        newest = newest_accepted(connection, source, day)
    limits, age = source.freshness, (day - newest).days if newest else 0
    if age > limits.warn_days:
        sentence = (
            f"{source.source}: the newest accepted {limits.column} is {newest}, {age} days before {day} (freshness:"
            f" {limits.warn_days}/{limits.error_days}). Next: ask {source.publisher.name} for what is missing, or mend"
            f" freshness in {source.declared_in.name}"
        )
        if age > limits.error_days:
            found.append(sentence)
        else:
            log.warning(sentence)
    return found
