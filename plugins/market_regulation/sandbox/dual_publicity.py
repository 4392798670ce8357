"""What 信用中国 must show of a planted penalty: its row of the 双公示 list (发改办财金〔2018〕424号), and for how long.

Written from the list, not from the platform: amounts in 万元 with six decimals, days as YYYY/MM/DD; 其他-… keeps its
words, which the list wants. Terms count from the decision: NDRC order 58 three years, from 2026-04-01 order 36 with
一般 one year and 严重 three.
"""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from market_regulation.sandbox.cases import Payload
from market_regulation.sandbox.terms import MINOR, SERIOUS, months_after

CHANNEL = "credit_china"
ORDER_58 = dt.date(2023, 5, 1)
ORDER_36 = dt.date(2026, 4, 1)
_LISTED_AS = {
    "警告": "警告", "通报批评": "警告", "罚款": "罚款", "没收违法所得": "没收违法所得、没收非法财物",
    "没收非法财物": "没收违法所得、没收非法财物", "暂扣许可证件": "暂扣或者吊销许可证、执照",
    "降低资质等级": "暂扣或者吊销许可证、执照", "吊销许可证件": "暂扣或者吊销许可证、执照",
    "限制开展生产经营活动": "责令停产停业", "责令停产停业": "责令停产停业", "责令关闭": "责令停产停业",
    "限制从业": "责令停产停业", "行政拘留": "行政拘留",
}  # fmt: skip


def is_shown(kinds: Collection[str], decided_on: dt.date) -> bool:
    """Whether a decision under the general procedure is shown: warnings and 通报批评 alone are not since order 58."""
    return decided_on < ORDER_58 or not set(kinds) <= MINOR


def months(kinds: Collection[str], decided_on: dt.date) -> int:
    """Months from the decision to the last day on which it is shown."""
    if ORDER_58 <= decided_on < ORDER_36:
        return 36
    return 36 if SERIOUS & set(kinds) else 12


def payload(of: dict[str, Any]) -> Payload:
    """The public part of the list's row for a row of ``submitted.penalty``."""
    decided = dt.date.fromisoformat(of["decided_on"])
    kinds = of["penalty_kinds"].split("；")
    return dict.fromkeys(("BZ", "CF_XDR_SHZZ", "CF_XDR_SWDJ", "CF_XDR_SYDW")) | {
        "CF_CFJG": of["authority_name"],
        "CF_CFJGDM": of["authority_uscc"],
        "CF_CFLB": ";".join(sorted({_LISTED_AS.get(kind, kind) for kind in kinds})),
        "CF_GSJZQ": _day(months_after(decided, months(kinds, decided))),
        "CF_JDRQ": _day(decided),
        "CF_NR": of["penalty_content"],
        "CF_NR_FK": _amount(of["fine_amount"]),
        "CF_NR_WFFF": _amount(of["confiscated_amount"]),
        "CF_NR_ZKDX": of["license_revoked"],
        "CF_SJLY": of["authority_name"],
        "CF_SJLYDM": of["authority_uscc"],
        "CF_SY": of["violation_fact"],
        "CF_WFXW": of["violation_type"],
        "CF_WSH": of["document_no"],
        "CF_XDR_GSZC": of["party_registration_no"],
        "CF_XDR_LB": of["party_kind"],
        "CF_XDR_MC": of["party_name"],
        "CF_XDR_SHXYM": of["party_uscc"],
        "CF_XDR_ZZJG": of["party_uscc"] and of["party_uscc"][8:17],
        "CF_YJ": of["penalty_basis"],
        "CF_YXQ": _day(dt.date.fromisoformat(of["valid_until"] or "2099-12-31")),
    }


def _amount(ten_thousands: str | None) -> str | None:
    return None if ten_thousands is None else f"{Decimal(ten_thousands):.6f}"


def _day(day: dt.date) -> str:
    return f"{day:%Y/%m/%d}"
