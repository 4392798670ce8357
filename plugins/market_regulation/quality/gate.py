"""The gate: whether a delivery may be accepted at all; Great Expectations alone would accept an empty one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from market_regulation.quality.evaluation import Counts
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Volume


@dataclass(frozen=True)
class GxOutcome:
    """What one run of Great Expectations said.

    Attributes:
        failed: Unexpected rows per rule id.
        evaluated: Number of results that came back.
        rows: Rows that Great Expectations saw, None when no result told.
        raised: Rule ids whose evaluation raised an exception, with its message.
        data_docs: Address of the page about this validation.
    """

    failed: Mapping[str, int] = field(default_factory=dict)
    evaluated: int = 0
    rows: int | None = None
    raised: Mapping[str, str] = field(default_factory=dict)
    data_docs: str = ""


def problems(
    suite: Suite, volume: Volume, announced: int | None, received: int, counts: Counts, gx: GxOutcome
) -> tuple[str, ...]:
    """Return every reason to block the delivery, as sentences; empty when it may pass.

    Great Expectations succeeds on an empty batch, on an empty suite, and counts a raised expectation as evaluated;
    therefore rows, number of results, exceptions and counts are compared here with what SQL found.
    """
    found = []
    if received < volume.min:
        found.append(f"{received} rows, the contract expects at least {volume.min} (volume.min)")
    if announced is not None and announced != received:
        found.append(f"the source announced {announced} rows and {received} arrived: ask it to send the delivery again")
    for rule in suite.expectations:
        rows = counts.failed.get(rule.meta.rule_id, 0)
        if rule.meta.action == "block" and rows:
            found.append(f"{rule.meta.rule_id} {rule.meta.reason}: {rows} rows, and this rule blocks the delivery")
    return (*found, *_disagreements(suite, counts, gx))


def _disagreements(suite: Suite, counts: Counts, gx: GxOutcome) -> list[str]:
    declared = [rule.meta.rule_id for rule in suite.expectations]
    found = [f"rule {rule_id} could not be evaluated: {message}" for rule_id, message in sorted(gx.raised.items())]
    if gx.evaluated != len(declared):
        found.append(f"Great Expectations returned {gx.evaluated} results for {len(declared)} declared rules")
    if gx.rows is not None and gx.rows != counts.checked:
        found.append(f"Great Expectations saw {gx.rows} rows, SQL {counts.checked}")
    for rule_id in declared:
        by_sql, by_gx = counts.failed.get(rule_id, 0), gx.failed.get(rule_id)
        if rule_id not in gx.raised and by_sql != by_gx:
            found.append(f"rule {rule_id}: SQL counts {by_sql} failing rows, Great Expectations {by_gx}")
    return found
