"""The scenario suite: cases written from the law, run through the whole chain in one pass.

A case that fails says which day and record differ. The table of all cases is `.local/scenarios.md` (and `.html`).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from chain import Chain
from scenario import Case, read_case
from scenario_pass import Pass
from scenario_report import write_report

from market_regulation import settings

pytestmark = pytest.mark.e2e

FILES = sorted((Path(__file__).parent / "cases").glob("*/*.yml"))
# The holds that the issue names.
REASONS = {
    "service_not_proven", "publicity_notice_missing", "document_missing", "subject_unresolved", "subject_name_mismatch",
    "objection_pending", "objection_window_open", "no_term_in_force", "producer_denied", "secrecy_review_open",
    "redaction_review_open", "stayed_by_court",
}  # fmt: skip
CASES = [read_case(file) for file in FILES]


@pytest.fixture(scope="module")
def seen(chain: Chain) -> Iterator[Pass]:
    """Everything that the one pass over all days showed; the report is written whatever it is."""
    the_pass = Pass(CASES)
    the_pass.run(chain)
    write_report(settings.project_root() / ".local", CASES, the_pass.differences)
    yield the_pass
    print(f"\nseconds by day: { {str(day): round(s, 1) for day, s in chain.seconds.items()} }")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case, seen: Pass) -> None:
    """The platform does on each day what the law asks for."""
    assert seen.differences[case.name] == []


def test_every_rule_in_force_decides_two_cases(seen: Pass) -> None:
    """Each enabled row of the dispatch matrix and each publicity term decides at least two cases."""
    assert {rule: [*seen.covered[rule]] for rule in seen.rules if len(seen.covered[rule]) < 2} == {}


def test_every_dispatch_row_has_a_case_on_its_first_and_its_last_day(seen: Pass) -> None:
    """Where a row of the dispatch matrix begins or ends within the pass, a fact of that very day is a case."""
    assert {
        rule: missed
        for rule, days in seen.rules.items()
        if (missed := [str(day) for day in days if day not in seen.covered[rule].values()])
    } == {}


def test_every_hold_reason_is_expected_in_two_cases(chain: Chain, seen: Pass) -> None:
    """Each hold reason in force is the expected state in at least two cases."""
    expected = Counter(
        reason
        for case in CASES
        for reason in {
            str(record["state"]).removeprefix("held:")
            for records in case.days.values()
            for record in records.values()
            if str(record["state"]).startswith("held:")
        }
    )
    in_force = chain.admin.execute("select hold_reason from rules.hold_reason where status = 'in_force'").fetchall()
    reasons = REASONS | {reason for (reason,) in in_force}
    assert {reason: expected[reason] for reason in reasons if expected[reason] < 2} == {}


def test_the_suite_is_large_enough() -> None:
    """There are 150 cases, 40 of them about natural persons or sole traders; each names law, article and section."""
    assert len(CASES) >= 150
    assert sum(case.is_about_person for case in CASES) >= 40
    assert [case.name for case in CASES if not all(case.head.values())] == []


@pytest.mark.parametrize(
    ("regime_from", "channel", "ending", "staying"),
    [
        # public since 2023-03-31: a year later is long over; public since 2025-12-24: the year ends on 2026-12-24
        ("2025-12-25", "gsxt", {"gx_three_years_last_day", "sc_term_2023"}, {"rp_early_stop_too_early"}),
        # decided in May 2023: a year from the document is over; decided in 2026: it is not
        ("2026-04-01", "credit_china", {"cc_58_first_day_fine"}, {"cc_58_last_day"}),
    ],
)
def test_a_report_says_what_each_new_regime_ends_on_its_first_day(
    chain: Chain, seen: Pass, regime_from: str, channel: str, ending: set[str], staying: set[str]
) -> None:
    """For the public sets of 2025-12-24 and 2026-03-31 (domain 11 A1): as recorded neither reaches them."""
    chain.report(
        "int_regime_changes", "int_records_shown_before", "int_penalties_reached", "int_penalties_termed_before",
        "int_penalties_termed_anew", "disclosure_regime_change",
    )  # fmt: skip
    names = {key: case.name for case in CASES for _, key in case.keys.values()}
    rows = chain.admin.execute(
        "select source_key, ends_on_first_day, applies from marts.disclosure_regime_change"
        " where regime_from = %s and channel = %s",
        [regime_from, channel],
    ).fetchall()
    ends = {names[key]: is_over for key, is_over, _ in rows if key in names}
    assert {name for name in ending if not ends.get(name)} == set()
    assert {name for name in staying if ends.get(name, True)} == set()
    assert not any(applies for _, _, applies in rows)
