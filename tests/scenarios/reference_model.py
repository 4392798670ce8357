"""What the public must see of a history of facts on each business day: the law in a few lines, for the simulation.

Written from domain.md (sections 3.1, 3.2, 3.7, 9.4 and 11) without a line of the platform's code. It looks at one
subject at a time, day by day, and remembers only what was published and what has ended for good.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Day = dt.date

# 国务院办公厅: days off on weekdays, and week-ends worked (补班), from December 2025 to the end of 2026.
DAYS_OFF = {
    *(Day(2026, 1, n) for n in (1, 2)),
    *(Day(2026, 2, n) for n in (16, 17, 18, 19, 20, 23)),
    Day(2026, 4, 6),
    *(Day(2026, 5, n) for n in (1, 4, 5)),
    Day(2026, 6, 19),
    Day(2026, 9, 25),
    *(Day(2026, 10, n) for n in (1, 2, 5, 6, 7)),
}
WORKED = {Day(2026, 1, 4), Day(2026, 2, 14), Day(2026, 2, 28), Day(2026, 5, 9), Day(2026, 9, 20), Day(2026, 10, 10)}

LOW_FINE = {("52", "person"): 5_000, ("52", "company"): 50_000, ("42", "person"): 10_000, ("42", "company"): 100_000}
SEVERE = {"降低资质等级", "吊销许可证件", "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业", "行政拘留"}
RESTRICTING = {"限制开展生产经营活动", "限制从业"}
REVERSED = {"decision_revoked", "decision_changed", "decision_unlawful", "decision_void"}
GUIZHOU = Day(2024, 1, 1)  # its threshold holds from here on
SAMR_2025, ORDER_36 = Day(2025, 12, 25), Day(2026, 4, 1)


@dataclass(frozen=True)
class Fact:
    """One thing that a source said: known from a business day on, about a day, of the whole case or of one party."""

    known: Day
    what: str
    happened: Day
    of: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """Everything that was ever said about one penalty or one sample, in the order in which it became known."""

    name: str
    kind: str  # penalty or sample
    facts: tuple[Fact, ...]


def is_working_day(day: Day) -> bool:
    """Tell whether offices work, in the time that the literal calendar covers."""
    return day in WORKED or (day.isoweekday() < 6 and day not in DAYS_OFF)


def months_later(day: Day, months: int) -> Day:
    """The corresponding day some months later, or that month's last day (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return Day(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def public_copy(history: History, channel: str, days: Sequence[Day], down: set[Day]) -> Iterator[dict[str, str]]:
    """Say for each business day which records of the history must be visible on ``channel``, with which content.

    ``down`` are days on which the receiver does nothing: the public sees what it saw the day before, and what was
    sent then is shown, with its own date, as soon as the receiver is up.
    """
    judge = {"penalty": _penalty, "sample": _sample}[history.kind]
    published, over, last = dict[str, Day](), set[str](), dict[str, str]()
    visible: dict[str, str] = {}
    for day in days:
        known = [fact for fact in history.facts if fact.known <= day]
        intended: dict[str, str] = {}
        for record, wanted, content, until in judge(known, channel, day, published):
            is_past = until is not None and day > until
            if record in published and (wanted == "never" or is_past):
                over.add(record)  # what was withdrawn or has ended comes back only with a new legal basis
            elif wanted == "shown" and not is_past and record not in over:
                published.setdefault(record, day)
                intended[record] = last[record] = content
            elif wanted == "held" and record in published and record not in over:
                intended[record] = last[record]  # what cannot be shown as it is now does not end what is shown
        visible = visible if day in down else intended
        yield visible


Judgement = tuple[str, str, str, Day | None]  # record; never, masked, held or shown; content; last visible day


def _penalty(known: Sequence[Fact], channel: str, _: Day, published: Mapping[str, Day]) -> Iterator[Judgement]:
    """Order 45 arts 2, 4, 8, 11, 13, 14 for gsxt; NDRC orders 58 and 36 for credit_china; a stay masks (A13).

    A changed decision is masked until its new version comes, which is a decision like any other (arts 2, 9, 11); so is
    what the source enters by mistake as one that is not shown, until the source corrects it (art. 12).
    """
    decisions = [fact for fact in known if fact.what == "decision"]
    if not decisions:
        return
    row, happened = decisions[-1].said, {fact.what for fact in known}
    kinds, changed_on = set(row["kinds"]), _last(known, "decision_changed")
    is_gsxt = channel == "gsxt"
    proven = "service" in happened and (row["party"] == "person" or "registered" in happened)
    noticed = row["notice"] or "publicity_notice_served" in happened
    unseen = {"警告"} if is_gsxt else {"警告", "通报批评"}
    ended = happened & (REVERSED - {"decision_changed"}) or _is_repaired(known, row, channel, published.get(""))
    is_excluded = row["procedure"] == "简易程序" or kinds <= unseen
    is_stayed = _last(known, "stay_ordered") > _last(known, "stay_lifted")
    if ended:
        wanted = "never"
    elif is_excluded or decisions[-1].known < changed_on or is_stayed:
        wanted = "masked"
    else:
        wanted = "shown" if proven and (not is_gsxt or (noticed and row["document"])) else "held"
    yield "", wanted, row["text"], _penalty_until(row, channel, published.get(""))


def _is_repaired(known: Sequence[Fact], row: Mapping[str, Any], channel: str, published_on: Day | None) -> bool:
    """Whether a grant ends the publication: its time has passed, the duties are performed, the kind is not excluded.

    Domain 3.1 art. 14 and 3.7. The rules of the day of the decision count (A1); the safety fields wait a year under the
    older ones; a serious decision waits a year under the newer ones.
    """
    decided_on, is_serious = row["decided_on"], bool(set(row["kinds"]) & SEVERE)
    is_safety = "特种设备" in row["violation_type"]
    counts_from = published_on if channel == "gsxt" else decided_on
    if counts_from is None:
        return False
    if decided_on < (SAMR_2025 if channel == "gsxt" else ORDER_36):
        months = 12 if is_safety else 6 if channel == "gsxt" else 3
    else:
        months = 12 if is_serious else 3
    never = is_serious and channel == "gsxt"  # order 45 art. 14; the newer measure repairs serious decisions too
    for fact in known:
        if fact.what == "early_stop_granted" and (channel != "gsxt" or never):
            continue
        if fact.what == "repair_granted" and never and decided_on < SAMR_2025:
            continue
        if fact.what in ("early_stop_granted", "repair_granted"):
            is_performed = row["performed_on"] is not None and row["performed_on"] <= fact.happened
            if is_performed and fact.happened >= months_later(counts_from, months):
                return True
    return False


def _penalty_until(row: Mapping[str, Any], channel: str, published_on: Day | None) -> Day | None:
    """The last visible day (domain 3.2, 3.7), not moved by a holiday (A2); None where it counts from a day to come."""
    kinds, decided_on = set(row["kinds"]), row["decided_on"]
    limit = 0 if row["province"] == "52" and decided_on < GUIZHOU else LOW_FINE.get((row["province"], row["party"]), 0)
    light = {"警告", "通报批评"} | ({"罚款"} if row["fine"] < limit else set())
    is_serious = bool(kinds & SEVERE)
    if channel == "credit_china":
        if decided_on < ORDER_36:
            return months_later(decided_on, 36)
        return months_later(decided_on, 36 if is_serious else 12)
    if published_on is None:
        return None
    is_long = decided_on < SAMR_2025 or is_serious
    months = 3 if kinds <= light else 36 if is_long else 12
    until = months_later(published_on, months)
    restricted = row["restriction_until"] if kinds & RESTRICTING else None
    return max(until, restricted) if restricted else until


def _sample(known: Sequence[Fact], channel: str, day: Day, published: Mapping[str, Day]) -> Iterator[Judgement]:
    """产品质量法 art. 15 and domain A9 to A11: final when every party's window ended or its objection was decided."""
    rows = [fact.said for fact in known if fact.what == "report"]
    if not rows or channel != "gsxt":
        return
    row, roles = rows[-1], rows[-1]["roles"]
    settled = [_settled_on(known, role, day) for role in roles]
    objected = any(_objection_is_open(known, role) for role in roles)
    overturned = row["conclusion"] == "合格" or any(fact.what == "retest_overturned" for fact in known)
    denied = any(fact.what == "producer_denied" for fact in known)
    final_on = max([_retested_on(known), *(s for s in settled if s)])
    for role in roles:
        is_registered = any(fact.what == "registered" and fact.of == role for fact in known)
        if overturned:
            wanted = "never"
        elif objected or (denied and role == "producer"):
            wanted = "masked"  # withdrawn if it was shown (A11); shown again once it is decided against the party
        elif not all(settled) or not is_registered:
            wanted = "held"
        else:
            wanted = "shown"
        months = 36 if final_on < SAMR_2025 else 12
        yield role, wanted, row["text"], months_later(published[role], months) if role in published else None


def _settled_on(known: Sequence[Fact], role: str, day: Day) -> Day | None:
    """The last day of the party's window once it is over, or the day its objection was decided against."""
    served = [fact.happened for fact in known if fact.what == "service" and fact.of == role]
    if not served:
        return None
    objected, confirmed = _objected_on(known, role), _retested_on(known)
    if Day.min < objected <= confirmed:
        return confirmed
    last_day, withdrawn = _window_end(min(served)), _withdrawn_on(known, role)
    if last_day >= day:
        return None
    return max(last_day, withdrawn) if Day.min < objected <= withdrawn else last_day


def _objection_is_open(known: Sequence[Fact], role: str) -> bool:
    return _objected_on(known, role) > max(_withdrawn_on(known, role), _retested_on(known))


def _withdrawn_on(known: Sequence[Fact], role: str) -> Day:
    """The last withdrawal of an objection, filed for the party or for the sample: until then it pended (A10)."""
    return max(_last(known, "objection_withdrawn", of) for of in (role, ""))


def _objected_on(known: Sequence[Fact], role: str) -> Day:
    """The last objection for the party or for the sample by the last day of the party's window; none later counts."""
    served = [fact.happened for fact in known if fact.what == "service" and fact.of == role]
    end = _window_end(min(served)) if served else Day.max
    raised = [fact.happened for fact in known if fact.what == "objection" and fact.of in (role, "")]
    return max((made_on for made_on in raised if made_on <= end), default=Day.min)


def _window_end(served: Day) -> Day:
    """Fifteen days after service, moved on to a working day (产品质量法 art. 15, 民法典 art. 203)."""
    last_day = served + dt.timedelta(days=15)
    while not is_working_day(last_day):
        last_day += dt.timedelta(days=1)
    return last_day


def _retested_on(known: Sequence[Fact]) -> Day:
    """The last retest that confirmed the failure, whoever asked for it: one sample has one conclusion."""
    return max((fact.happened for fact in known if fact.what == "retest_confirmed"), default=Day.min)


def _last(known: Sequence[Fact], what: str, of: str = "") -> Day:
    return max((fact.happened for fact in known if fact.what == what and fact.of == of), default=Day.min)
