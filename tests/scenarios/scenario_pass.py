"""All cases in one pass over the union of their days, and what the platform made of each on each of its days."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import fact_rows
from chain import Chain
from scenario import BEGINNING, Case, RuleRow, rows_of

from market_regulation.sources.catalog import load_sources

# The reasons that are shown (order 45 art. 11; domain 11 A14), by the platform's reason codes.
SHOWN_REASONS = {
    "decision_changed": "变更",
    "decision_revoked": "撤销",
    "decision_unlawful": "确认违法",
    "decision_void": "确认无效",
    "entry_error": "录入错误",
    "wrong_subject": "主体错误",
    "objection_accepted": "异议受理",
    "retest_overturned": "异议受理",
    "court_ruling": "法院裁定",
    "rule_repealed": "公示依据变更",
}
STATES = {"WITHDRAW": "withdrawn", "STOP": "stopped", "SUSPEND": "suspended"}

_OBLIGATIONS = """
select
    coalesce(o.record_id, m.record_id), o.due_on, o.due_is_provisional, o.publish_until, o.held_reason,
    h.held_reason, m.record_id is not null
from disclosure.obligation as o
full join marts.disclosure_due as m using (record_id)
left join marts.disclosure_held as h on h.record_id = o.record_id
"""

_LAST = """
select distinct on (record_id) record_id, op, reason_code from disclosure.record order by record_id, version desc
"""

# Which rows of the dispatch matrix and of the publicity terms decided about which fact, of which day.
_COVERED = """
select distinct j.source_key, d.rule_id || ' ' || d.channel || ' ' || d.fact || ' from ' || d.valid_from, j.fact_on
from intermediate.int_obligations_judged as j
inner join rules.dispatch as d
    on j.rule_id = d.rule_id and j.channel = d.channel and j.record_type = d.record_type
    and d.valid_from <= j.fact_on and j.fact_on < d.valid_to and d.enabled
where j.standing <> 'none'
union
select distinct j.source_key, j.regime_id, j.fact_on
from intermediate.int_obligations_judged as j
where j.standing <> 'none' and j.regime_id is not null
"""

# The rules that are in force at some time, and the days on which they begin and end within the pass.
_RULES = """
select rule_id || ' ' || channel || ' ' || fact || ' from ' || valid_from, array_remove(array[
    case when valid_from >= '2021-09-01' then valid_from end, case when valid_to < '2027-01-01' then valid_to - 1 end
], null)
from rules.dispatch
where enabled and status = 'in_force'
union all
select distinct regime_id, array[]::date[] from rules.publicity_regime where status = 'in_force'
"""

Facts = dict[dt.date, dict[str, list[fact_rows.Row]]]


class Pass:
    """What was seen in the pass: the differences of each case, and which rules decided about which case."""

    def __init__(self, cases: Sequence[Case]) -> None:
        """Take all cases."""
        self.cases = cases
        self.differences: dict[str, list[str]] = defaultdict(list)
        self.covered: dict[str, dict[str, dt.date]] = defaultdict(dict)  # rule -> case -> day of the fact
        self.rules: dict[str, list[dt.date]] = {}  # rule -> its first and last day

    def run(self, chain: Chain) -> None:
        """Work through every day of every case."""
        facts, rules = self._facts()
        chain.first_build([source.source for source in load_sources()], BEGINNING)
        chain.store_document(*fact_rows.DOCUMENT)
        for rule in rules:
            chain.rule(rule.seed, **rule.columns)
        for case in self.cases:
            if case.review != "approved":
                chain.answers |= {case.record_id(f"{channel}."): case.review for channel in ("gsxt", "credit_china")}
        known = {source.source for source in load_sources()}
        for day in sorted(facts.keys() | set(itertools.chain(*(case.days for case in self.cases)))):
            for source, rows in facts[day].items():
                if source in known:
                    chain.deliver(source, day, rows)
            chain.work(day)
            self._look(chain, day)
        self.rules = dict(chain.admin.execute(_RULES).fetchall())

    def _facts(self) -> tuple[Facts, list[RuleRow]]:
        facts: Facts = defaultdict(lambda: defaultdict(list))
        rules = []
        for case in self.cases:
            for fact in rows_of(case):
                if isinstance(fact, RuleRow):
                    rules.append(fact)
                else:
                    facts[fact.known][fact.source].append(fact.row)
        return facts, rules

    def _look(self, chain: Chain, day: dt.date) -> None:
        states = _States(chain)
        for case in self.cases:
            for name, expected in case.days.get(day, {}).items():
                seen = states.of(case.record_id(name))
                self.differences[case.name] += _compare(f"{day} {name}", expected, seen)
        owners = {key: case.name for case in self.cases for _, key in case.keys.values()}
        for source_key, rule, fact_on in chain.admin.execute(_COVERED):
            if source_key in owners:
                self.covered[rule][owners[source_key]] = fact_on


class _States:
    """Where every record stands at the end of a day."""

    def __init__(self, chain: Chain) -> None:
        self.public = chain.public()
        self.obligations = {row[0]: row[1:] for row in chain.admin.execute(_OBLIGATIONS)}
        self.last = {row[0]: row[1:] for row in chain.admin.execute(_LAST)}

    def of(self, record_id: str) -> dict[str, Any]:
        due_on, provisional, until, live_hold, hold, is_due = self.obligations.get(record_id, (None,) * 6)
        op, reason = self.last.get(record_id, (None, None))
        if record_id in self.public and self.public[record_id].visible:
            state = "public"
        elif op in STATES:
            state = STATES[op]
        elif live_hold or hold:
            state = f"held:{live_hold or hold}"
        else:
            state = "due" if is_due else "NA"
        return {
            "state": state,
            "due_on": due_on,
            "publish_until": until,
            "reason": SHOWN_REASONS.get(reason or "", reason),
            "provisional": provisional,
            "shows": self.public[record_id].payload if state == "public" else {},
        }


def _compare(where: str, expected: dict[str, Any], seen: dict[str, Any]) -> Iterable[str]:
    """Say what differs; of what is shown only the fields that are expected."""
    seen = {**seen, "shows": {field: seen["shows"].get(field) for field in expected.get("shows", {})}}
    wrong = [name for name, value in expected.items() if seen[name] != value]
    if wrong:
        yield f"{where}: expected {_brief(expected, wrong)}, found {_brief(seen, {*wrong, 'state'})}"


def _brief(values: dict[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {values[name]}" for name in sorted(names))
