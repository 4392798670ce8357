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
from market_regulation.sources.named_file import profile_for

PLAIN = {"submitter": "tester", "format": {"kind": "csv"}}

SFTP = {"kind": "sftp", "host": "h", "user": "u", "folder": "/out", "password_env": "P"}
S3 = {"kind": "object_store", "bucket": "bucket", "key_id_env": "I", "secret_env": "S"}
HTTP = {"kind": "http_api", "url": "{base}/x", "records": "data"}

FEE = {
    "code": {"type": "code", "title": "x"}, "seen_on": {"type": "date", "title": "x"},
    "fee": {"type": "amount", "unit": "元", "title": "x"},
}  # fmt: skip


def constant(column: str, text: str) -> dict[str, Any]:
    """A contract whose one profile has a constant."""
    return {"columns": FEE, "profiles": {"plain": {**PLAIN, "constants": {column: text}}}}


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
    "an amount with commas as constant": (constant("fee", "1,000.00"), "profiles.plain.constants.fee: '1,000.00'"),
    "an amount with its unit as constant": (constant("fee", "1000元"), "written like 1000.00"),
    "an amount without decimals as constant": (constant("fee", "1000"), "written like 1000.00"),
    "a date of another form as constant": (constant("seen_on", "2026/3/16"), "profiles.plain.constants.seen_on"),
    "a day that does not exist as constant": (constant("seen_on", "2026-02-30"), "written like 2026-03-16"),
    "a unit of a text": ({"profiles": {"plain": {**PLAIN, "units": {"name": "万元"}}}}, "units"),
    "no profile": ({"profiles": {}}, "profiles"),
    "files on an exchange table": (
        {"fetch": {"kind": "exchange_table", "table": "s.t", "watermark": "seen_on", "overlap": "2 days"}},
        "profiles.plain",
    ),
    "a secret instead of the name of its variable": (
        {"fetch": {**SFTP, "password_env": "hunter2"}},
        "fetch.sftp.password_env",
    ),
    "two ways to log in": ({"fetch": {**SFTP, "key_file_env": "K"}}, "password_env, key_file_env: exactly one"),
    "no way to log in": ({"fetch": {**SFTP, "password_env": None}}, "password_env, key_file_env: exactly one"),
    "a passphrase without a key": ({"fetch": {**SFTP, "passphrase_env": "P"}}, "passphrase_env: belongs to"),
    "a password in the host": ({"fetch": {**SFTP, "host": "u:p@h"}}, "fetch.sftp.host"),
    "a key in the endpoint": ({"fetch": {**S3, "endpoint": "https://id:key@h"}}, "fetch.object_store.endpoint"),
    "a bucket with a folder": ({"fetch": {**S3, "bucket": "b/out"}}, "fetch.object_store.bucket"),
    "a password in the URL": ({"fetch": {**HTTP, "url": "https://u:p@h/x"}}, "fetch.http_api.url"),
    "a query in the URL": ({"fetch": {**HTTP, "url": "https://h/x?key=1"}}, "fetch.http_api.url"),
    "an unknown paging": ({"fetch": {**HTTP, "paging": {"kind": "offset"}}}, "fetch.http_api.paging"),
    "a cursor without its place": (
        {"fetch": {**HTTP, "paging": {"kind": "cursor", "parameter": "c"}}},
        "fetch.http_api.paging.cursor.next",
    ),
    "a path with an empty part": ({"fetch": {**HTTP, "records": "data..list"}}, "fetch.http_api.records"),
    "an unknown signature": (
        {"fetch": {**HTTP, "sign": {"algorithm": "md5", "key_env": "K"}}},
        "fetch.http_api.sign.algorithm",
    ),
    "a format on an API": ({"fetch": HTTP}, "profiles.plain: files and format are for files"),
    "two profiles of an API": (
        {"fetch": HTTP, "profiles": {"a": {"submitter": "a"}, "b": {"submitter": "b"}}},
        "profiles: a source of kind http_api has exactly one",
    ),
    "freshness by a text": ({"freshness": {"column": "name", "warn_days": 1, "error_days": 2}}, "freshness"),
}


def test_constants_are_written_as_they_are_to_be_read(make_source: Callable[..., Source]) -> None:
    constants = {"fee": "1000.00", "seen_on": "2026-03-16"}
    source = make_source("good_source", columns=FEE, profiles={"plain": {**PLAIN, "constants": constants}})
    assert source.profiles["plain"].constants == constants


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_contract_is_refused_by_file_and_key(case: str, make_source: Callable[..., Source]) -> None:
    changes, key = WRONG[case]
    with pytest.raises(ContractError) as refused:
        make_source("test_wrong", **changes)
    assert "test_wrong.yml" in str(refused.value)
    assert key in str(refused.value)


@pytest.mark.parametrize("fetch", [{"kind": "file_drop"}, SFTP, S3])
def test_files_choose_among_profiles_by_name_however_they_are_fetched(
    fetch: dict[str, Any], make_source: Callable[..., Source]
) -> None:
    profiles = {"north": {**PLAIN, "files": "n_*.csv"}, "south": {**PLAIN, "files": "s_*.csv"}}
    source = make_source("test_files", fetch=fetch, profiles=profiles)
    chosen = {name: profile_for(source, name) for name in ("n_1.csv", "s_1.csv", "x.csv", "n_1.south.return-7.xlsx")}
    assert chosen == {"n_1.csv": "north", "s_1.csv": "south", "x.csv": "", "n_1.south.return-7.xlsx": "south"}
    assert profile_for(source, "n_1.csv.west.return-7.xlsx") == ""


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
        "amr_serious_listings", "amr_supervision_checks", "other_department_penalties",
    }  # fmt: skip
    ids = [rule.meta.rule_id for source in sources for rule in load_suite(source).expectations]
    assert len(ids) == len(set(ids))


def test_personal_columns_of_the_penalties_are_marked() -> None:
    columns = find_source("amr_penalties").columns
    assert {name: column.personal for name, column in columns.items() if column.personal} == {
        "legal_representative": "name", "party_id_no": "identity", "party_address": "address",
        "maker": "name", "checker": "name",
    }  # fmt: skip


def test_collecting_imports_the_libraries_of_a_kind_only_when_it_is_fetched() -> None:
    script = "import sys, market_regulation.landing.collecting; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=_env())
    assert not {"asyncssh", "fsspec", "s3fs", "botocore"} & set(loaded.stdout.split())


def test_reading_contracts_imports_nothing_heavy() -> None:
    script = "import sys, market_regulation.sources.catalog as c; c.load_sources(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=_env())
    heavy = {"pandas", "great_expectations", "sqlalchemy", "psycopg", "httpx", "asyncssh", "fsspec", "s3fs", "botocore"}
    assert not heavy & set(loaded.stdout.split())


def _env() -> dict[str, Any]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
