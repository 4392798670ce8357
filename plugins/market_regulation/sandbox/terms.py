"""How long a planted record is shown: months from the day on which it was first shown.

Decisions until 2025-12-24: order 45 art. 13 (通报批评 alone three months, else three years). From 2025-12-25 on the
classes of 市场监督管理信用修复管理办法: 轻微 three months, 一般 one year, 严重 three years. A decision with several
kinds of penalty takes the longest term. The last day of a term is the last day on which the record is shown.
"""

import calendar
import datetime as dt
from collections.abc import Collection

NEW_REGIME_FROM = dt.date(2025, 12, 25)
LISTING_MONTHS = 36  # 严重违法失信名单, from the listing, before and after that day
MINOR = {"警告", "通报批评"}
SERIOUS = {"降低资质等级", "吊销许可证件", "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业", "行政拘留"}


def penalty_months(kinds: Collection[str], decided_on: dt.date) -> int:
    """Months of publicity of a penalty of these kinds."""
    if set(kinds) <= MINOR:
        return 3
    return 36 if decided_on < NEW_REGIME_FROM or SERIOUS & set(kinds) else 12


def spot_check_months(final_on: dt.date) -> int:
    """Months of publicity of a failed spot check."""
    return 36 if final_on < NEW_REGIME_FROM else 12


def supervision_check_months(passed: bool, reported_on: dt.date) -> int:
    """Months of publicity of a supervision check; the measure of 2025 shortens negative results only."""
    return 36 if passed else spot_check_months(reported_on)


def months_after(day: dt.date, months: int) -> dt.date:
    """The corresponding day of a later month, or its last day (民法典 art. 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
