"""The enterprise register (登记): a snapshot a day of enterprises, with former names and states, both dated.

An enterprise is a pure function of (seed, number), so nothing is kept in memory, and the snapshot of a later day
differs only by what happened in between.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from market_regulation.identifiers import USCC_ALPHABET, make_organisation_code, make_uscc
from market_regulation.sandbox.context import Context, dice
from market_regulation.sandbox.names import INDUSTRIES, REGIONS, SHOPS, trade_name

STRANGERS = 500_000_000  # enterprises from this number on are in no snapshot
_ORGANISATIONS = len(USCC_ALPHABET) ** 6


class Period(NamedTuple):
    """A stretch of time in which name and state did not change; ``valid_to`` is exclusive, None when current."""

    name: str
    status: str
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass(frozen=True)
class Enterprise:
    """A registered enterprise or sole trader with its whole history, the future included."""

    uscc: str
    sole_trader: bool
    region_code: str
    city: str
    established_on: dt.date
    periods: tuple[Period, ...]

    def known_on(self, day: dt.date) -> list[Period]:
        """Periods as the register shows them on ``day``."""
        return [
            p if p.valid_to and p.valid_to <= day else p._replace(valid_to=None)
            for p in self.periods
            if p.valid_from <= day
        ]

    def name_on(self, day: dt.date) -> str:
        """Registered name on ``day``."""
        return self.known_on(day)[-1].name


@lru_cache(maxsize=4096)
def enterprise(seed: int, number: int) -> Enterprise:
    """Enterprise ``number`` of the register of ``seed``: 15 % sole traders, 5 % renamed, 3 % not active by 2026."""
    rng = dice(seed, "enterprise", number)
    region_code, city, district = rng.choice(REGIONS)
    sole_trader = rng.random() < 0.15
    established = dt.date(2004, 3, 1) + dt.timedelta(days=rng.randrange(5000))
    if sole_trader:
        names = [f"{city}市{district}{trade_name(rng)}{rng.choice(SHOPS)}" for _ in range(2)]
    else:
        industry = rng.choice(INDUSTRIES)
        bracketed = rng.random() < 0.1
        names = [
            f"{word}（{city}）{industry}有限公司" if bracketed else f"{city}{word}{industry}有限公司"
            for word in (trade_name(rng), trade_name(rng))
        ]
    uscc = make_uscc(("92" if sole_trader else "91") + region_code + _organisation(seed, number))
    periods = _periods(names, established, _change_day(rng, 0.045, 0.10), _change_day(rng, 0.027, 0.03))
    return Enterprise(uscc, sole_trader, region_code, city, established, periods)


def rows(context: Context, numbers: range) -> Iterator[dict[str, str]]:
    """Rows of the day's snapshot for the enterprises of these numbers, one per period."""
    for number in numbers:
        found = enterprise(context.seed, number)
        for period in found.known_on(context.day):
            yield {
                "uscc": found.uscc,
                "enterprise_name": period.name,
                "status": period.status,
                "party_kind": "个体工商户" if found.sole_trader else "企业",
                "region_code": found.region_code,
                "established_on": found.established_on.isoformat(),
                "valid_from": period.valid_from.isoformat(),
                "valid_to": period.valid_to.isoformat() if period.valid_to else "",
            }


def _organisation(seed: int, number: int) -> str:
    scrambled = (number * 7_368_787 + seed * 104_729) % _ORGANISATIONS  # no multiple of 31: no two numbers meet
    symbols = ""
    for _ in range(6):
        scrambled, symbol = divmod(scrambled, len(USCC_ALPHABET))
        symbols += USCC_ALPHABET[symbol]
    return make_organisation_code("MA" + symbols)


def _change_day(rng: random.Random, past: float, coming: float) -> dt.date | None:
    draw = rng.random()
    if draw < past:
        return dt.date(2019, 1, 7) + dt.timedelta(days=rng.randrange(2400))
    if draw < past + coming:
        return dt.date(2026, 1, 5) + dt.timedelta(days=rng.randrange(730))
    return None


def _periods(
    names: list[str], established: dt.date, renamed: dt.date | None, ended: dt.date | None
) -> tuple[Period, ...]:
    marks = sorted({established, *(day for day in (renamed, ended) if day)})
    return tuple(
        Period(
            names[1] if renamed and start >= renamed else names[0],
            "注销" if ended and start >= ended else "存续",
            start,
            end,
        )
        for start, end in zip(marks, [*marks[1:], None], strict=True)
    )
