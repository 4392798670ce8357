"""Parties of planted penalties: who they are to the register."""

import random
from collections.abc import Callable

from market_regulation.sandbox.context import Context
from market_regulation.sandbox.penalty_rows import Row, natural_person, party_of, pick, pick_renamed
from market_regulation.sandbox.register import STRANGERS, enterprise


def _enterprise(context: Context, rng: random.Random) -> Row:
    return party_of(pick(context, rng), context.day, rng)


def _sole_trader(context: Context, rng: random.Random) -> Row:
    return party_of(pick(context, rng, sole_trader=True), context.day, rng)


def _former_name(context: Context, rng: random.Random) -> Row:
    found = pick_renamed(context, rng)
    return party_of(found, context.day, rng) | {"party_name": found.periods[0].name}


def _loosely_written(context: Context, rng: random.Random) -> Row:
    while True:
        party = _enterprise(context, rng)
        if "（" in party["party_name"]:
            return party | {"party_name": party["party_name"].replace("（", "( ").replace("）", ") ")}


def _misnamed(context: Context, rng: random.Random) -> Row:
    party = _enterprise(context, rng)
    return party | {"party_name": party["party_name"].replace("有限公司", "有限责任公司")}


def _unknown_code(context: Context, rng: random.Random) -> Row:
    stranger = enterprise(context.seed, STRANGERS + rng.randrange(1_000_000))
    return party_of(stranger, context.day, rng) | {"party_kind": "法人及非法人组织"}


def _without_code(context: Context, rng: random.Random) -> Row:
    return _enterprise(context, rng) | {"party_uscc": None}


def _person(_context: Context, rng: random.Random) -> Row:
    return natural_person(rng)


PARTIES: dict[str, Callable[[Context, random.Random], Row]] = {
    "enterprise": _enterprise,
    "sole_trader": _sole_trader,
    "former_name": _former_name,
    "loosely_written": _loosely_written,
    "misnamed": _misnamed,
    "unknown_code": _unknown_code,
    "without_code": _without_code,
    "person": _person,
}
