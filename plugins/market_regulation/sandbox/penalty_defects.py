"""Penalty rows and case events planted to be quarantined, one per rule; ids as in ``expectations/``."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from market_regulation.sandbox.cases import Event
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import BLANK, NO_DATE, NO_REGION, Defect, look_alike, wrong_check
from market_regulation.sandbox.penalty_cases import Penalty, Plan, make
from market_regulation.sandbox.penalty_parties import PARTIES
from market_regulation.sandbox.penalty_rows import event, row

FIRST_ROW = 100  # running number of the first broken row of a day
FIRST_DOUBT = 85  # running number of the first doubtful row
FIRST_EVENT = 70  # running number of the first penalty with a broken event

_IDENTITY_NUMBER = "11010519491231002X"  # the well-known specimen, nobody's
_MOBILE_NUMBER = "13800138000"  # the operator's own service number
_UNSERVED = {"publicity_notice_served_on": None, "repair_notice_served_on": None}

# rule that warns of it, column, as the office writes it, as the public may read it
_PERSONAL = [
    ("PEN-38", "violation_fact", f"其（身份证号{_IDENTITY_NUMBER}）无证经营。", "其（身份证号）无证经营。"),
    ("PEN-38", "penalty_content", f"处以罚款，联系电话{_MOBILE_NUMBER}。", "处以罚款，联系电话。"),
    ("PEN-38", "violation_type", "无证经营（联系电话138 0013 8000）", "无证经营（联系电话）"),
    ("PEN-55", "violation_fact", "货款汇入其银行卡6222021234567890123。", "货款汇入其银行卡。"),
]


def _defects(context: Context) -> list[Defect]:
    later = (context.day + dt.timedelta(days=9)).isoformat()
    return [
        Defect("PEN-01", {"document_no": BLANK, "party_key": f"P{context.day:%Y%m%d}"}),
        Defect("PEN-03", {"authority_uscc": BLANK}),
        Defect("PEN-04", lambda r: {"authority_uscc": wrong_check(r["authority_uscc"])}),
        Defect("PEN-05", {"authority_name": None}),
        Defect("PEN-06", {"party_key": BLANK}),
        Defect("PEN-07", {"party_name": BLANK}),
        Defect("PEN-08", {"party_kind": None}),
        Defect("PEN-09", {"party_kind": "企业"}),
        Defect("PEN-11", lambda r: {"party_uscc": wrong_check(r["party_uscc"])}),
        Defect("PEN-11", lambda r: {"party_uscc": look_alike(r["party_uscc"])}),
        Defect("PEN-12", {"party_kind": "自然人", "party_id_type": "身份证", "party_id_no": _IDENTITY_NUMBER}),
        Defect("PEN-12", {"party_kind": "自然人", "party_id_type": "身份证", "party_uscc": None}),
        Defect("PEN-14", {"violation_type": None}),
        Defect("PEN-15", {"violation_fact": ""}),
        Defect("PEN-16", {"penalty_basis": None}),
        Defect("PEN-17", {"penalty_kinds": None}),
        Defect("PEN-18", {"penalty_kinds": "罚款；罚金"}),
        Defect("PEN-19", {"penalty_content": None}),
        Defect("PEN-20", {"fine_amount": "五千元"}),
        Defect("PEN-21", {"fine_amount": None}),
        Defect("PEN-21", {"penalty_kinds": "通报批评"}),
        Defect("PEN-22", {"penalty_kinds": "罚款；没收违法所得", "confiscated_amount": "约2万"}),
        Defect("PEN-24", {"penalty_kinds": "罚款；暂扣许可证件"}),
        Defect("PEN-26", {"decided_on": None}),
        Defect("PEN-27", {"decided_on": NO_DATE}),
        Defect("PEN-28", {"decided_on": later, "served_on": None} | _UNSERVED),
        Defect("PEN-29", {"served_on": NO_DATE}),
        Defect("PEN-30", lambda r: {"served_on": _day_before(r["decided_on"])}),
        Defect("PEN-31", {"publicity_notice_served_on": NO_DATE}),
        Defect("PEN-32", {"repair_notice_served_on": "2025-02-29"}),
        Defect("PEN-33", {"performed_on": "2026-13-01"}),
        Defect("PEN-34", {"restriction_until": NO_DATE}),
        Defect("PEN-35", lambda r: {"restriction_until": _day_before(r["decided_on"])}),
        Defect("PEN-36", {"procedure": None}),
        Defect("PEN-37", {"procedure": "快速程序"}),
        Defect("PEN-39", {"violation_fact": "违" * 5001}),
        Defect("PEN-40", {"party_region_code": NO_REGION}),
        Defect("PEN-41", {"penalty_kinds": "罚款；没收违法所得", "confiscated_amount": "-1.5"}),
        Defect("PEN-47", {"legal_representative": None}),
        Defect("PEN-53", {"served_on": later}),
        Defect("PEN-54", {"performed_on": later}),
        Defect("PEN-58", lambda r: {"valid_until": _day_before(r["decided_on"])}),
        Defect("PEN-59", lambda r: {"publicity_until": r["decided_on"]}),
        Defect("PEN-61", {"party_key": _IDENTITY_NUMBER}),
        Defect("PEN-62", {"penalty_kinds": "通报批评", "penalty_content": "通报批评。", "fine_amount": "-0.5"}),
        Defect("PEN-63", lambda r: {"publicity_notice_served_on": _day_before(r["decided_on"])}),
        Defect("PEN-64", lambda r: {"repair_notice_served_on": _day_before(r["decided_on"])}),
        Defect("PEN-66", {"party_kind": "自然人", "party_uscc": None, "party_id_no": _IDENTITY_NUMBER}),
    ]


def broken_rows(context: Context, share: float = 0.03) -> Iterator[Penalty]:
    """Rows that would be published if nobody looked: served and complete but for one defect.

    At least one row per defect; ``share`` of the day's ordinary rows when that is more.
    """
    defects = _defects(context)
    for place in range(max(len(defects), round(share * context.volume(100)))):
        defect, number = defects[place % len(defects)], FIRST_ROW + place
        good = row(context, number, PARTIES["enterprise"](context, context.rng("broken penalty", number)))
        service = event(context, number, good, "service", good["served_on"])
        yield Penalty(defect.broken(good), (service,), rule_id=defect.rule_id)


def doubtful_rows(context: Context) -> Iterator[Penalty]:
    """Rows that are accepted with a warning and shown all the same, those with a number once a person has looked."""
    doubts: list[tuple[str, dict[str, Any]]] = [
        ("PEN-50", {"party_registration_no": "110000450227179"}),
        ("PEN-51", {"penalty_content": "处以罚款7元。"}),
        ("PEN-52", {"document_no": f"沪市监浦处罚〔{context.day.year - 3}〕{context.day:%m%d}000001号"}),
        ("PEN-57", {"penalty_content": "罚" * 2001}),
        ("PEN-65", {"performed_on": (context.day - dt.timedelta(days=365)).isoformat()}),
        ("PEN-60", {"publicity_until": (context.day + dt.timedelta(days=1300)).isoformat()}),
    ]
    for number, (rule_id, changes) in enumerate(doubts, start=FIRST_DOUBT):
        shown = make(context, number, Plan(f"accepted with warning {rule_id}", "PUBLIC", changes=changes))
        yield replace(shown, doubt=rule_id)
    number = FIRST_DOUBT + len(doubts)
    for rule_id, field, written, public in _PERSONAL:
        name = f"accepted with warning {rule_id}, shown without the number"
        plan = Plan(name, "PUBLIC", changes={field: written}, shown={field: public}, review="approve")
        yield replace(make(context, number, plan), doubt=rule_id)
        number += 1
    unnamed = Plan(
        "accepted with warning PEN-67", "PUBLIC", party="sole_trader", changes={"legal_representative": None}
    )
    yield replace(make(context, number, unnamed), doubt="PEN-67")


def broken_events(context: Context) -> Iterator[tuple[Penalty, Event, str]]:
    """Penalties whose one telling event cannot be read: (penalty without it, event, rule that rejects the event).

    An unreadable proof of service leaves the penalty held; an unreadable revocation leaves it public.
    """
    later = (context.day + dt.timedelta(days=9)).isoformat()
    service: list[tuple[str, dict[str, Any]]] = [
        ("EVT-04", {"event_type": BLANK}),
        ("EVT-05", {"event_type": "served_by_hearsay"}),
        ("EVT-06", {"event_on": BLANK}),
        ("EVT-07", {"event_on": NO_DATE}),
        ("EVT-08", {"event_on": later}),
        ("EVT-02", {"source_key": BLANK}),
        ("EVT-03", {"source_key": "a|b|c|d"}),
        ("EVT-12", {"source_key": f"沪市监处罚〔2026〕1号|A|{_IDENTITY_NUMBER}"}),
    ]
    unproven = Plan("the event that proves service cannot be read", "HELD", "service_not_proven", events=())
    for number, (rule_id, changes) in enumerate(service, start=FIRST_EVENT):
        penalty = make(context, number, unproven)
        event_on = penalty.row["served_on"]
        yield penalty, replace(event(context, number, penalty.row, "service", event_on), **changes), rule_id
    number = FIRST_EVENT + len(service)
    penalty = make(context, number, Plan("the event that revokes has no number", "PUBLIC"))
    revoked = event(context, number, penalty.row, "decision_revoked", context.day.isoformat())
    yield penalty, replace(revoked, event_id=_blank_name(context.day)), "EVT-01"


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def _blank_name(day: dt.date) -> str:
    """Blanks only, but other ones each day: the exchange keeps event numbers unique."""
    return f"{day.toordinal():b}".replace("0", " ").replace("1", "\u3000")
