"""A contract that is not as it must be is refused, and the message names file and key."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from market_regulation.quality.suite import load_suite
from market_regulation.sources.catalog import ContractError, find_source, load_sources, read_contract
from market_regulation.sources.contract import Source

PLAIN = {"submitter": "tester", "format": {"kind": "csv"}}

WRONG = {
    "an unknown key": ({"colour": "red"}, "colour"),
    "a missing key": ({"owner": None}, "owner"),
    "a number as text": ({"tier": "1"}, "tier"),
    "a deadline that is no time": ({"deadline": "25:00"}, "deadline"),
    "an unknown way to fetch": ({"fetch": {"kind": "pigeon"}}, "fetch"),
    "a key that is no column": ({"key": ["number"]}, "number"),
    "a column with a name of the platform": ({"columns": {"row_no": {"type": "text", "title": "x"}}}, "row_no"),
    "an unknown type": ({"columns": {"code": {"type": "int", "title": "x"}}}, "columns.code.type"),
    "a document without its media type": (
        {"columns": {"code": {"type": "document", "title": "x"}}},
        "columns.code",
    ),
    "a heading of an unknown column": ({"profiles": {"plain": {**PLAIN, "headers": {"编号": "number"}}}}, "number"),
    "an unknown date format": ({"profiles": {"plain": {**PLAIN, "dates": ["DD.MM.YYYY"]}}}, "dates"),
    "an unknown encoding": ({"profiles": {"plain": {**PLAIN, "format": {"kind": "csv", "encoding": "gb99"}}}}, "gb99"),
    "a look-up on the key": ({"profiles": {"plain": {**PLAIN, "lookups": {"code": {"a": "b"}}}}}, "key"),
    "a constant in the key": ({"profiles": {"plain": {**PLAIN, "constants": {"code": "1"}}}}, "key"),
    "a unit of a text": ({"profiles": {"plain": {**PLAIN, "units": {"name": "万元"}}}}, "units"),
    "no profile": ({"profiles": {}}, "profiles"),
    "files on an exchange table": (
        {"fetch": {"kind": "exchange_table", "table": "s.t", "watermark": "seen_on", "overlap": "2 days"}},
        "profiles.plain",
    ),
    "freshness by a text": ({"freshness": {"column": "name", "warn_days": 1, "error_days": 2}}, "freshness"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_contract_is_refused_by_file_and_key(case: str, make_source: Callable[..., Source]) -> None:
    changes, key = WRONG[case]
    with pytest.raises(ContractError) as refused:
        make_source("test_wrong", **changes)
    assert "test_wrong.yml" in str(refused.value)
    assert key in str(refused.value)


def test_a_contract_bears_the_name_of_its_source(make_source: Callable[..., Source], tmp_path: Path) -> None:
    make_source("test_name")
    (tmp_path / "test_name.yml").rename(tmp_path / "other_name.yml")
    with pytest.raises(ContractError, match=r"must be named test_name\.yml"):
        read_contract(tmp_path / "other_name.yml")


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "test_broken.yml").write_text("source: [\n")
    with pytest.raises(ContractError, match=r"(?s)test_broken\.yml.*line 2"):
        read_contract(tmp_path / "test_broken.yml")


def test_sources_of_further_folders_are_found_and_a_second_declaration_refused(
    make_source: Callable[..., Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_source("test_extra")
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.setenv("MARKET_REGULATION_SOURCES", str(tmp_path))
    assert find_source("test_extra").suite_file == tmp_path / "expectations" / "test_extra.yml"
    names = [source.source for source in load_sources()]
    assert names == sorted(names)

    (second / "test_extra.yml").write_bytes((tmp_path / "test_extra.yml").read_bytes())
    monkeypatch.setenv("MARKET_REGULATION_SOURCES", os.pathsep.join([str(tmp_path), str(second)]))
    with pytest.raises(ContractError, match="already declared"):
        load_sources()


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ContractError, match="amr_penalties"):
        find_source("no_such_source")


def test_our_contracts_and_suites_are_valid_and_no_rule_id_is_used_twice() -> None:
    sources = load_sources()
    assert {source.source for source in sources} >= {
        "agency_inspections", "amr_penalties", "case_events", "cnca_certificates", "cnca_validity_checks",
        "registry_enterprises", "samr_spot_checks",
    }  # fmt: skip
    ids = [rule.meta.rule_id for source in sources for rule in load_suite(source).expectations]
    assert len(ids) == len(set(ids))


def test_personal_columns_of_the_penalties_are_marked() -> None:
    columns = find_source("amr_penalties").columns
    assert {name: column.personal for name, column in columns.items() if column.personal} == {
        "legal_representative": "name", "party_id_no": "identity", "party_address": "address",
        "maker": "name", "checker": "name",
    }  # fmt: skip


def test_reading_contracts_imports_nothing_heavy() -> None:
    script = "import sys, market_regulation.sources.catalog as c; c.load_sources(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=_env())
    heavy = {"pandas", "great_expectations", "sqlalchemy", "psycopg", "httpx"}
    assert not heavy & set(loaded.stdout.split())


def _env() -> dict[str, Any]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
