"""Landing: deliveries are collected, landed as received, and checked; each step may be repeated at any time."""

from market_regulation.landing.checking import check_due
from market_regulation.landing.collecting import collect, current_business_day
from market_regulation.landing.deliveries import unreplaced
from market_regulation.landing.loading import land_due, prepare
from market_regulation.landing.reporting import problems

__all__ = ["check_due", "collect", "current_business_day", "land_due", "prepare", "problems", "unreplaced"]
