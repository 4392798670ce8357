"""Random histories of one subject each, and their rows as the sources deliver them."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import fact_rows
from reference_model import REVERSED, Day, Fact, History

# The days of the simulation: neighbours of each change of law, Spring Festival, and days on which terms end.
DAYS = tuple(
    map(
        Day.fromisoformat,
        ("2025-12-23", "2025-12-24", "2025-12-25", "2026-01-04", "2026-02-14", "2026-02-24", "2026-03-16", "2026-03-17",
         "2026-03-31", "2026-04-01", "2026-04-07", "2026-06-17", "2026-12-25"),
    )
)  # fmt: skip
KINDS = (
    "罚款",
    "罚款",
    "罚款",
    "警告",
    "通报批评",
    "警告；罚款",
    "没收违法所得",
    "罚款；没收违法所得",
    "吊销许可证件",
    "限制从业",
)
FINES = {  # below and at the provinces' limits of a low fine, and where there is none
    ("company", "31"): (1_000, 20_000),
    ("company", "42"): (99_999, 100_000),
    ("company", "52"): (49_999, 50_000),
    ("person", "31"): (100, 20_000),
    ("person", "42"): (9_999, 10_000),
    ("person", "52"): (4_999, 5_000),
}
OF_PENALTY = (*sorted(REVERSED), "repair_granted", "early_stop_granted", "stay")
OF_SAMPLE = ("objection", "objection_withdrawn", "retest_confirmed", "retest_overturned", "producer_denied")


def histories(seed: int, count: int, used_events: set[str]) -> list[History]:
    """Make histories from facts and those event types that the platform says it uses."""
    chance = random.Random(seed)
    makers = (_penalty, _penalty, _sample)
    return [chance.choice(makers)(f"H{seed}N{n}", chance, used_events) for n in range(count)]


def _penalty(name: str, chance: random.Random, used: set[str]) -> History:
    begin = chance.randrange(len(DAYS) - 2)
    first, decided_on = DAYS[begin], DAYS[begin] - dt.timedelta(days=chance.choice((0, 1, 7, 30, 900)))
    kinds, (party, province) = chance.choice(KINDS), chance.choice(list(FINES))
    row: dict[str, Any] = {
        "decided_on": decided_on,
        "kinds": tuple(kinds.split("；")),
        "procedure": "简易程序" if chance.random() < 0.1 else "普通程序",
        "party": party,
        "province": province,
        "fine": chance.choice(FINES[party, province]),
        "restriction_until": decided_on.replace(year=decided_on.year + 4) if "限制从业" in kinds else None,
        "violation_type": chance.choice(("虚假宣传", "使用未经检验的特种设备")),
        "performed_on": decided_on if chance.random() < 0.7 else None,
        "notice": chance.random() < 0.85,
        "document": chance.random() < 0.85,
        "text": "第一版",
    }
    facts = [Fact(first, "decision", decided_on, said=row)]
    facts += _late(chance, begin, "service", decided_on, likely=0.7)
    if row["party"] == "company":
        facts += _late(chance, begin, "registered", decided_on, likely=0.9)
    if not row["notice"]:
        facts += _late(chance, begin, "publicity_notice_served", decided_on, likely=0.2)
    for version in range(2, 2 + chance.choice((0, 0, 1, 2))):
        change = chance.choice(
            ({"document": True}, {"fine": chance.choice(FINES[party, province])}, {"procedure": "简易程序"}, {})
        )
        row = {**row, **change, "text": f"第{version}版"}
        facts.append(Fact(_later(chance, begin), "decision", decided_on, said=row))
    if chance.random() < 0.4:
        what, known = chance.choice(OF_PENALTY), _later(chance, begin)
        if what == "stay" and "stay_ordered" in used:
            facts.append(Fact(known, "stay_ordered", known))
            if DAYS[-1] > known:
                lifted = chance.choice([day for day in DAYS if day > known])
                facts.append(Fact(lifted, "stay_lifted", lifted))
        elif what in used:
            facts.append(Fact(known, what, known))
    return History(name, "penalty", _in_order(facts))


def _sample(name: str, chance: random.Random, used: set[str]) -> History:
    begin = chance.randrange(len(DAYS) - 3)
    first, reported_on = DAYS[begin], DAYS[begin] - dt.timedelta(days=chance.choice((1, 14, 20, 40)))
    roles = ("producer", "seller") if chance.random() < 0.5 else ("producer",)
    row = {"reported_on": reported_on, "roles": roles, "conclusion": "不合格", "text": "第一版"}
    facts = [Fact(first, "report", reported_on, said=row)]
    for role in roles:
        facts += [replace(fact, of=role) for fact in _late(chance, begin, "registered", reported_on, likely=0.9)]
        (service,) = _late(chance, begin, "service", reported_on, likely=0.8)
        facts.append(replace(service, of=role))
        if chance.random() < 0.35:
            made_on = service.happened + dt.timedelta(days=chance.randrange(20))
            when = [day for day in DAYS if day >= max(made_on, service.known)]
            facts += [f for f in _objection(chance, role, made_on, when) if f.what in used]
    if chance.random() < 0.1 and "producer_denied" in used:
        facts.append(Fact(first, "producer_denied", first, chance.choice(("", "producer"))))
    if chance.random() < 0.3:
        change = chance.choice(({}, {}, {"conclusion": "合格"}))
        facts.append(Fact(_later(chance, begin), "report", reported_on, said={**row, **change, "text": "第二版"}))
    retests = sorted((f for f in facts if f.what.startswith("retest")), key=lambda fact: fact.known)
    return History(name, "sample", _in_order([f for f in facts if f not in retests[1:]]))  # there is one retest at most


def _objection(chance: random.Random, role: str, made_on: Day, when: Sequence[Day]) -> Iterable[Fact]:
    """An objection, known on one of some days, and what became of it later, if anything did.

    It may be late, and it is filed for the party or for the sample, as is what became of it.
    """
    if not when:
        return
    known, of = chance.choice(when), chance.choice(("", role))
    yield Fact(known, "objection", made_on, of)
    later = [day for day in DAYS if day > known]
    outcome = chance.choice(("", "objection_withdrawn", "retest_confirmed", "retest_overturned"))
    if later and outcome:
        decided_on = chance.choice(later)
        of = of if outcome == "objection_withdrawn" else chance.choice(("", role))
        yield Fact(decided_on, outcome, decided_on, of)


def _late(chance: random.Random, begin: int, what: str, happened: Day, likely: float) -> list[Fact]:
    """A fact that is known together with the first one, or else on a later day, when it may also have happened."""
    if chance.random() < likely:
        return [Fact(DAYS[begin], what, happened)]
    known = _later(chance, begin)
    return [Fact(known, what, chance.choice((happened, known)))]


def _later(chance: random.Random, begin: int) -> Day:
    return chance.choice(DAYS[begin + 1 :])


def _in_order(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Order facts as they become known; what is said twice on one day of the same row is said once."""
    last = {(fact.known, fact.what, fact.of): fact for fact in facts}
    return tuple(sorted(last.values(), key=lambda fact: (fact.known, fact.what, fact.of)))


def record_key(history: History, record: str) -> tuple[str, str]:
    """Give record type and own key of one record of the history."""
    if history.kind == "sample":
        return "spot_check", f"{history.name}|{record}"
    authority = fact_rows.authority(_first_row(history)["province"])
    return "administrative_penalty", f"{history.name}〔2026〕1号|{authority}|P1"


def _first_row(history: History) -> Mapping[str, Any]:
    return next(fact.said for fact in history.facts if fact.said)


def deliveries(all_histories: Sequence[History]) -> dict[Day, dict[str, list[fact_rows.Row]]]:
    """Write every fact as a row of its source, by day and source."""
    rows: dict[Day, dict[str, list[fact_rows.Row]]] = defaultdict(lambda: defaultdict(list))
    for history in all_histories:
        for number, fact in enumerate(history.facts):
            source, row = _row(history, number, fact)
            rows[fact.known][source].append(row)
    return rows


def _row(history: History, number: int, fact: Fact) -> tuple[str, fact_rows.Row]:
    party = fact_rows.party(str(_first_row(history).get("party", "company")), f"{history.name}{fact.of}")
    if fact.what == "registered":
        return "registry_enterprises", fact_rows.enterprise(party)
    if fact.what == "decision":
        return "amr_penalties", _penalty_row(history.name, party, dict(fact.said))
    if fact.what == "report":
        return "samr_spot_checks", _sample_row(history.name, fact)
    about = history.name + (f"|{fact.of}" if fact.of else "")
    if history.kind == "penalty":
        about = record_key(history, "")[1]
    return "case_events", fact_rows.event(f"{history.name}E{number}", about, fact.what, fact.happened)


_COLUMNS = ("decided_on", "procedure", "province", "fine", "restriction_until", "violation_type", "performed_on")


def _penalty_row(name: str, party: fact_rows.Party, said: dict[str, Any]) -> fact_rows.Row:
    columns = {n: said[n] for n in _COLUMNS}
    columns |= {"kinds": "；".join(said["kinds"]), "violation_fact": said["text"], "document": said["document"]}
    if "特种设备" not in said["violation_type"]:
        columns["penalty_basis"] = "反不正当竞争法第二十条"
    if not said["notice"]:
        columns["publicity_notice_served_on"] = None
    return fact_rows.penalty(name, party, columns)


def _sample_row(name: str, fact: Fact) -> fact_rows.Row:
    roles = {role: fact_rows.party("company", name + role) for role in fact.said["roles"]}
    columns = {
        "reported_on": fact.said["reported_on"],
        "conclusion": fact.said["conclusion"],
        "model": fact.said["text"],
    }
    return fact_rows.sample(name, roles["producer"], roles.get("seller"), columns)
