"""The row rules of one source: the shape of ``expectations/<source>.yml``, the only place where they are declared."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from market_regulation.sources.catalog import ContractError, explain, read_yaml
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import Strict

RuleId = Annotated[str, Field(pattern=r"^[A-Z]{2,5}-[A-Z]?[0-9]{2,3}$")]
Action = Literal["quarantine", "block", "warn"]
Severity = Literal["critical", "error", "warning"]


class Meta(Strict):
    """What a rule is called, what a failure does, and what the submitter is told (Chinese)."""

    rule_id: RuleId
    action: Action
    severity: Severity
    reason: str
    advice: str = ""


class NotNull(Strict):
    """The column holds something."""

    expectation: Literal["expect_column_values_to_not_be_null"]
    column: str
    meta: Meta


class InSet(Strict):
    """The column holds one of the listed texts, or nothing."""

    expectation: Literal["expect_column_values_to_be_in_set"]
    column: str
    value_set: list[str] = Field(min_length=1)
    meta: Meta


class MatchRegex(Strict):
    """The column matches, or holds nothing; the expression must mean the same in Python and in PostgreSQL."""

    expectation: Literal["expect_column_values_to_match_regex"]
    column: str
    regex: str
    meta: Meta

    @model_validator(mode="after")
    def _means_the_same_everywhere(self) -> Self:
        try:
            re.compile(self.regex)
        except re.error as error:
            raise ValueError(f"regex: {error}") from error
        if found := re.search(r"\\[a-zA-Z]|\(\?", self.regex):
            raise ValueError(f"regex: {found.group()} differs between Python and PostgreSQL; write the characters out")
        return self


class LengthBetween(Strict):
    """The column's number of characters lies between the bounds, or it holds nothing."""

    expectation: Literal["expect_column_value_lengths_to_be_between"]
    column: str
    min_value: int | None = None
    max_value: int | None = None
    meta: Meta

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.min_value is None and self.max_value is None:
            raise ValueError("min_value or max_value is needed")
        return self


class PairGreater(Strict):
    """Column A is greater than column B (or equal, where allowed), or one of them holds nothing.

    Compares typed helper columns, ``<column>_date`` or ``<column>_amount``: as texts, amounts would sort wrongly.
    """

    expectation: Literal["expect_column_pair_values_a_to_be_greater_than_b"]
    column_A: str  # noqa: N815, Great Expectations' own name
    column_B: str  # noqa: N815
    or_equal: bool
    meta: Meta


class RuleColumn(Strict):
    """Anything computed: ``passes`` is a SQL boolean over the columns of the checked view; null counts as passed."""

    expectation: Literal["rule_column"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,50}$")]
    passes: str
    meta: Meta


Rule = Annotated[
    NotNull | InSet | MatchRegex | LengthBetween | PairGreater | RuleColumn, Field(discriminator="expectation")
]


class Suite(Strict):
    """All rules of one source."""

    source: str
    expectations: list[Rule] = Field(min_length=1)

    @cached_property
    def rule_columns(self) -> list[RuleColumn]:
        """The computed rules: each is a boolean column of the checked view."""
        return [rule for rule in self.expectations if isinstance(rule, RuleColumn)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for kind, names in (
            ("rule_id", [rule.meta.rule_id for rule in self.expectations]),
            ("name", [rule.name for rule in self.rule_columns]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind}: {twice} declared more than once")
        return self


def load_suite(source: Source) -> Suite:
    """Return the suite of a source, checked against its contract.

    Raises:
        ContractError: The suite is missing or invalid, names a column that the checked view does not have, or leaves
            a key column without a rule that quarantines rows in which it is missing.
    """
    file = source.suite_file
    try:
        suite = Suite.model_validate(read_yaml(file))
    except ValidationError as error:
        raise ContractError(explain(file, error)) from error
    if suite.source != source.source:
        raise ContractError(f"{file}: source: is {suite.source!r} and must be {source.source!r}")
    _check_columns(file, suite, source)
    _check_key(file, suite, source)
    return suite


def helper_columns(source: Source) -> dict[str, str]:
    """Return the typed helper columns of a source's views: name to the type of the contract column it comes from."""
    return {
        f"{name}_{column.type}": column.type
        for name, column in source.columns.items()
        if column.type in ("date", "amount")
    }


def _check_columns(file: Path, suite: Suite, source: Source) -> None:
    texts, helpers = set(source.columns), set(helper_columns(source))
    for rule in suite.expectations:
        if isinstance(rule, RuleColumn):
            if rule.name in texts | helpers:
                raise ContractError(f"{file}: {rule.meta.rule_id}: name: {rule.name!r} is a column already")
        elif isinstance(rule, PairGreater):
            if unknown := {rule.column_A, rule.column_B} - helpers:
                raise ContractError(f"{file}: {rule.meta.rule_id}: {sorted(unknown)} are none of {sorted(helpers)}")
        elif rule.column not in texts:
            raise ContractError(
                f"{file}: {rule.meta.rule_id}: column: {rule.column!r} is not in {source.declared_in.name}"
            )


def _check_key(file: Path, suite: Suite, source: Source) -> None:
    required = {r.column for r in suite.expectations if isinstance(r, NotNull) and r.meta.action != "warn"}
    if missing := [name for name in source.key if name not in required and not source.columns[name].optional]:
        raise ContractError(f"{file}: expectations: key columns {missing} need expect_column_values_to_not_be_null")
