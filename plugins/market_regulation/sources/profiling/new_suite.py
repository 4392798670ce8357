"""The draft of a suite for a new source: the least that its rows must keep."""

from collections.abc import Iterator

from market_regulation.sources.profiling.new_source import NewColumn, NewSource
from market_regulation.sources.profiling.vocabulary import vocabulary
from market_regulation.sources.profiling.yaml_text import comment, flow


def suite_draft(new: NewSource) -> str:
    """Return the least suite as YAML text: the key is there, dates are dates, credit codes pass their check digit."""
    prefix = "".join(letter for letter in new.name.upper() if "A" <= letter <= "Z")[:3].ljust(3, "X")
    lines = [f"source: {new.name}", "expectations:"]
    for number, (check, reason) in enumerate([*_filled_keys(new), *_computed(new)], 1):
        rule_id = f"{prefix}-{number:02}"
        meta = {"rule_id": rule_id, "action": "quarantine", "severity": "error", "reason": comment(reason)}
        lines += [*check, f"    meta: {flow(meta)}"]
    return "\n".join(lines) + "\n"


def _filled_keys(new: NewSource) -> Iterator[tuple[list[str], str]]:
    for column in new.columns:
        if column.name in new.key and not column.optional:
            rule = ["  - expectation: expect_column_values_to_not_be_null", f"    column: {column.name}"]
            yield rule, f"{column.heading}缺失"


def _computed(new: NewSource) -> Iterator[tuple[list[str], str]]:
    for column in new.columns:
        function, fault = _check_of(column)
        if function:
            passes = f"    passes: quality.{function}({column.name})"
            yield (
                ["  - expectation: rule_column", f"    name: {column.name}_{function}", passes],
                column.heading + fault,
            )


def _check_of(column: NewColumn) -> tuple[str | None, str]:
    concept = vocabulary().get(column.name)
    if column.type == "date":
        return "is_date", "不是有效日期"
    if concept and concept.kind == "uscc":
        return "is_uscc", "校验不通过"
    return ("is_amount", "不是数字") if column.type == "amount" else (None, "")
