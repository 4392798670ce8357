"""What every planted fact depends on: the business day, the seed and the scale."""

import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

from market_regulation import settings


@dataclass(frozen=True)
class Context:
    """One delivery day of the sandbox.

    Attributes:
        day: Business day of the deliveries (Asia/Shanghai).
        seed: Equal seeds give equal bytes.
        scale: 1 is the size of a small city; volumes are linear in it.
    """

    day: dt.date
    seed: int
    scale: float

    def rng(self, *parts: object) -> random.Random:
        """Random numbers of this day, the same for the same ``parts``."""
        return dice(self.seed, self.day, *parts)

    def volume(self, rows_at_scale_1: int) -> int:
        """Rows to make; at least one."""
        return max(1, round(rows_at_scale_1 * self.scale))

    @property
    def enterprises(self) -> int:
        """Registered enterprises without a defect; 200 at least, so that every planted case finds its kind."""
        return max(200, round(2000 * self.scale))

    @property
    def delivered_at(self) -> dt.datetime:
        """Moment at which the submitters' systems recorded the day's changes: 05:00 Asia/Shanghai."""
        shanghai = dt.timezone(dt.timedelta(hours=8))
        return dt.datetime.combine(self.day, dt.time(5), shanghai)

    def ago(self, days: int) -> dt.date:
        """The day ``days`` calendar days before the business day."""
        return self.day - dt.timedelta(days=days)


def dice(*parts: object) -> random.Random:
    """Random numbers that depend on ``parts`` only, on every machine and Python version."""
    return random.Random("|".join(map(str, parts)))


def folder(day: dt.date) -> Path:
    """Folder of what the sandbox keeps of a day: ``<home>/sandbox/<day>``."""
    return settings.home() / "sandbox" / day.isoformat()
