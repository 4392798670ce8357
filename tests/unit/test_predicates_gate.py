"""The gate blocks whatever Great Expectations would let through in silence."""

import dataclasses

import pytest

from market_regulation.quality.evaluation import Counts
from market_regulation.quality.gate import GxOutcome, problems
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Volume

META = {"severity": "error", "reason": "原因"}
SUITE = Suite.model_validate(
    {
        "source": "test_gate",
        "expectations": [
            {"expectation": "rule_column", "name": "a", "passes": "true",
             "meta": {**META, "rule_id": "TST-01", "action": "quarantine"}},
            {"expectation": "rule_column", "name": "b", "passes": "true",
             "meta": {**META, "rule_id": "TST-02", "action": "block"}},
        ],
    }
)  # fmt: skip
VOLUME = Volume(min=5, max=10)
COUNTS = Counts(checked=9, failed={"TST-01": 2, "LAND-01": 1})
GX = GxOutcome(failed={"TST-01": 2, "TST-02": 0}, evaluated=2, rows=9)


def test_a_delivery_with_some_bad_rows_passes() -> None:
    assert problems(SUITE, VOLUME, 10, 10, COUNTS, GX) == ()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"received": 4}, "at least 5"),
        ({"received": 0}, "at least 5"),
        ({"announced": 12}, "announced 12"),
        ({"counts": Counts(9, {"TST-01": 2, "TST-02": 1}), "gx": {"failed": {"TST-01": 2, "TST-02": 1}}}, "TST-02"),
        ({"gx": {"failed": {"TST-01": 1, "TST-02": 0}}}, "SQL counts 2"),
        ({"gx": {"failed": {"TST-01": 2}, "evaluated": 1}}, "1 results for 2"),
        ({"gx": {"failed": {}, "evaluated": 0, "rows": None}}, "0 results for 2"),
        ({"gx": {"failed": {"TST-01": 2}, "raised": {"TST-02": "no column b"}}}, "no column b"),
        ({"gx": {"rows": 0}}, "saw 0 rows"),
    ],
)
def test_each_silent_pass_is_a_named_problem(changes: dict[str, object], named: str) -> None:
    gx = dataclasses.replace(GX, **changes.get("gx", {}))
    counts = changes.get("counts", COUNTS)
    received = changes.get("received", 10)
    found = problems(SUITE, VOLUME, changes.get("announced"), received, counts, gx)
    assert any(named in problem for problem in found), found
