"""All spot checks of a day: planted, broken and ordinary ones (fail rate after domain.md 7.2), for the HTTP source."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import IO

from market_regulation.sandbox.api import samples_file
from market_regulation.sandbox.cases import Case, Timeline
from market_regulation.sandbox.context import Context
from market_regulation.sandbox.defects import full_width
from market_regulation.sandbox.drop import BadRow, WarnedRow
from market_regulation.sandbox.exchange import Submitter
from market_regulation.sandbox.penalty_rows import pick
from market_regulation.sandbox.spot_check_cases import Situation, SpotCheck, both, make, over
from market_regulation.sandbox.spot_check_defects import broken_samples, conflicting
from market_regulation.sandbox.spot_check_rows import ROLES, Role, Sample, sample
from market_regulation.sandbox.spot_check_situations import planted
from market_regulation.sandbox.working_days import ONE_DAY, objection_window_end

SOURCE, FILE = "samr_spot_checks", "spot-checks"
FIRST_DOUBT = 90_000
FIRST_ORDINARY = 100_000
REPEAT_EVERY = 61
_CHUNK = 500


def spot_checks(context: Context) -> Iterator[SpotCheck]:
    """Every sample of the day in the order in which the API hands them out."""
    first = None
    for check in planted(context):
        first = first or check.sample
        yield check
    yield from broken_samples(context)
    yield from _doubtful(context)
    for place in range(context.volume(120)):
        check = _ordinary(context, place)
        yield SpotCheck(_as_written(check.sample, place), check.events, check.cases)
        if place % REPEAT_EVERY == REPEAT_EVERY - 1:
            yield SpotCheck(check.sample)
    if first:
        yield conflicting(first)


def deliver(context: Context, out: Submitter, cases: IO[str]) -> Iterator[BadRow]:
    """Write the samples for the API, put down their events, note their cases; yield the rows to be rejected."""
    path = samples_file(context.day)
    temporary = path.with_suffix(".part")
    due = spot_checks(context)
    row_no = 0
    with temporary.open("w", encoding="utf-8") as lines:
        while chunk := list(islice(due, _CHUNK)):
            out.put_events([event for check in chunk for event in check.events])
            cases.writelines(case.line() for check in chunk for case in check.cases)
            for check in chunk:
                row_no += 1
                lines.write(json.dumps(check.sample, ensure_ascii=False, separators=(",", ":")) + "\n")
                if check.rule_id:
                    yield BadRow(SOURCE, FILE, row_no, check.rule_id)
                elif check.doubt:
                    yield WarnedRow(SOURCE, FILE, row_no, check.doubt)
    temporary.replace(path)


def _ordinary(context: Context, place: int) -> SpotCheck:
    """An ordinary sample: 14 % fail, an eighth is food, a fifth comes from a maker's stock."""
    number, draw = FIRST_ORDINARY + place, place * 37 % 100
    rng = context.rng("ordinary spot check", place)
    roles: tuple[Role, ...] = ("producer",) if place % 5 == 3 else ("producer", "seller")
    parties = {role: pick(context, rng) for role in roles}
    if draw >= 14 or place % 8 == 6:
        passed = sample(context, number, parties, failed=draw < 14, food=place % 8 == 6)
        return SpotCheck(passed, cases=[_never(context, passed, role) for role in roles])
    served, end = over(context)
    if draw >= 11:
        served, end = both(context.ago(8)), objection_window_end(context.ago(8))
    end = max(objection_window_end(served[role]) for role in roles)
    held: Timeline = [(context.day, "HELD", "objection_window_open"), (end + ONE_DAY, "PUBLIC", None)]
    public: Timeline = [(context.day, "PUBLIC", None)]
    timeline = public if end < context.day else held
    situation = Situation("ordinary failure", {r: served[r] for r in roles}, timeline, end, parties=parties)
    return make(context, number, situation)


def _doubtful(context: Context) -> Iterator[SpotCheck]:
    """Samples that passed and are accepted with a warning."""
    doubts: list[tuple[str, Sample]] = [
        ("SPT-37", {"sampling_field": None}),
        ("SPT-39", {"sampling_field": "电子商务", "platform_name": None}),
        ("SPT-50", {"retest_conclusion": "不合格", "retested_on": context.day.isoformat()}),
    ]
    for number, (rule_id, changes) in enumerate(doubts, start=FIRST_DOUBT):
        rng = context.rng("doubtful spot check", number)
        parties = {role: pick(context, rng) for role in ROLES}
        passed = sample(context, number, parties, failed=False) | changes
        yield SpotCheck(passed, cases=[_never(context, passed, role) for role in ROLES], doubt=rule_id)


def _never(context: Context, of: Sample, role: Role) -> Case:
    return Case("passed or food", "spot_check", f"{of['sample_no']}|{role}", [(context.day, "NOT_PUBLIC", None)])


def _as_written(of: Sample, place: int) -> Sample:
    """Habits of the writer that change nothing of what the record says."""
    habits: list[Sample] = [
        {"producer_uscc": full_width(of["producer_uscc"])},
        {"producer_uscc": of["producer_uscc"].lower()},
        {"producer_name": f"\u3000{of['producer_name']}\u00a0"},
        {"sample_no": f" {of['sample_no'].lower()}"},
        {"conclusion": f"{of['conclusion']} "},
        {"brand": of["brand"] or ""},
        {"reported_on": full_width(of["reported_on"])},
    ]
    written = of | habits[place % 9] if place % 9 < len(habits) else dict(of)
    if written["seller_name"] is None:  # a system that leaves out what it has not
        written = {column: value for column, value in written.items() if not column.startswith("seller_")}
    return written
