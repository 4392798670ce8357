"""A suite that is not as it must be is refused; every kind of rule has its native expectation."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from market_regulation.quality.expectations import native, read_outcome
from market_regulation.quality.suite import load_suite
from market_regulation.sources.catalog import ContractError
from market_regulation.sources.contract import Source

Rule = Callable[..., Mapping[str, Any]]


@pytest.mark.parametrize(
    ("rule_of", "key"),
    [
        (lambda r: r(2, "be_unique", column="name"), "expectations.1"),
        (lambda r: r(2, "not_be_null", column="colour"), "colour"),
        (lambda r: r(1, "not_be_null", column="name"), "TST-01"),
        (lambda r: r(2, "not_be_null", column="name", action="ignore"), "action"),
        (lambda r: r(2, "be_in_set", column="name", value_set=[]), "value_set"),
        (lambda r: r(2, "match_regex", column="name", regex="(a"), "regex"),
        (lambda r: r(2, "match_regex", column="name", regex=r"^\d+$"), "regex"),
        (lambda r: r(2, "match_regex", column="name", regex="(?i)a"), "regex"),
        (lambda r: r(2, "rule_column", name="name", passes="true"), "name"),
    ],
)
def test_a_wrong_rule_is_refused_by_file_and_key(
    rule_of: Callable[[Rule], Mapping[str, Any]], key: str, make_source: Callable[..., Source], rule: Rule
) -> None:
    source = make_source("test_suite", rules=[rule_of(rule)])
    with pytest.raises(ContractError) as refused:
        load_suite(source)
    assert "test_suite.yml" in str(refused.value)
    assert key in str(refused.value)


def test_a_key_without_a_rule_against_missing_values_is_refused(make_source: Callable[..., Source]) -> None:
    source = make_source("test_suite", key=["code", "name"])
    with pytest.raises(ContractError, match=r"key columns \['name'\]"):
        load_suite(source)


def test_a_pair_is_compared_by_its_typed_helper_columns_only(make_source: Callable[..., Source], rule: Rule) -> None:
    pair = {**rule(2, "x"), "expectation": "expect_column_pair_values_a_to_be_greater_than_b", "or_equal": True}
    make_source("test_suite", rules=[{**pair, "column_A": "seen_on", "column_B": "seen_on_date"}])
    with pytest.raises(ContractError, match="seen_on_date"):
        load_suite(make_source("test_suite", rules=[{**pair, "column_A": "seen_on", "column_B": "seen_on_date"}]))


def test_a_missing_suite_is_refused(make_source: Callable[..., Source]) -> None:
    source = make_source("test_suite")
    source.suite_file.unlink()
    with pytest.raises(ContractError, match=r"expectations/test_suite\.yml"):
        load_suite(source)


def test_rules_are_native_expectations_and_computed_ones_ask_for_true(
    make_source: Callable[..., Source], rule: Rule
) -> None:
    rules = [
        rule(2, "be_in_set", column="name", value_set=["A"]),
        rule(3, "rule_column", name="name_short", passes="char_length(name) < 3"),
    ]
    _, in_set, computed = (native(r) for r in load_suite(make_source("test_suite", rules=rules)).expectations)
    assert in_set["type"] == "expect_column_values_to_be_in_set"
    assert in_set["kwargs"] == {"column": "name", "value_set": ["A"]}
    assert computed["type"] == "expect_column_values_to_be_in_set"
    assert computed["kwargs"] == {"column": "name_short", "value_set": [True]}


def test_an_exception_inside_an_expectation_is_no_count() -> None:
    def one(rule_id: str, exception: dict[str, Any], **result: int) -> dict[str, Any]:
        return {"expectation_config": {"meta": {"rule_id": rule_id}}, "exception_info": exception, "result": result}

    calm = {"raised_exception": False, "exception_message": None, "exception_traceback": None}
    loud = {"raised_exception": True, "exception_message": "no such column\ndetails", "exception_traceback": "…"}
    outcome = read_outcome(
        {"results": [one("A-01", calm, unexpected_count=2, element_count=9), one("A-02", {"('m', ())": loud})]}, "docs"
    )
    assert (outcome.failed, outcome.raised, outcome.evaluated, outcome.rows) == (
        {"A-01": 2}, {"A-02": "no such column"}, 2, 9,
    )  # fmt: skip
