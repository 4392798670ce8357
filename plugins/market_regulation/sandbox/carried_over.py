"""What earlier days planted for later: the delivered days whose promises for their next working day fall due now."""

import datetime as dt
from collections.abc import Iterator

from market_regulation.sandbox.cases import delivered_days
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.working_days import working_day_after


def carried_over(context: Context) -> Iterator[Context]:
    """Earlier delivered days whose next working day came since the last delivered day, up to the day of ``context``."""
    earlier = [day for day in delivered_days() if day < context.day]
    since = max(earlier, default=dt.date.min)
    for day in earlier:
        if since < working_day_after(day) <= context.day:
            yield Context(day, context.seed, context.scale)
