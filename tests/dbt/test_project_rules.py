"""What dbt-project-evaluator asks of a project and dbt-bouncer has no check for, and that its standard preset is whole.

Exceptions stand here by name, or in ``dbt-bouncer.yml`` where that has the check; each with its reason.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import yaml
from built_warehouse import PROJECT, Warehouse

from market_regulation import settings

MAX_LEAVES = 3
MAX_PARENTS = 7

MANY_LEAVES = {
    "int_as_of_day": "the pair of days that every dated question asks for",
    "stg_platform__deliveries": "what is new, for every model that grows by delivery",
    "int_obligations_now": "the one place that says how each record stands; live marts and metrics read it",
}
MANY_PARENTS = {
    "credit_archive_event": "one branch per kind of fact",
    "disclosure_due": "one branch per kind of fact",
    "disclosure_worklist": "all that waits for somebody, from the ledger, the outbox, the reviews and the quarantine",
    "int_ccc_validity_judged": "facts, events and rule seeds of one judgement",
    "int_obligations_termed": "one branch per kind of fact",
    "int_rule_rows": "one branch per rule seed",
    "int_serious_listings_judged": "facts, events and rule seeds of one judgement",
    "int_subject_parties": "one branch per kind of fact",
    "int_supervision_checks_judged": "facts, events and rule seeds of one judgement",
    "trace_forward": "one branch per fact, from the row received to the public record",
}
LIVE = {  # views, because what they say moves between two builds
    "disclosure_public", "disclosure_timeliness", "disclosure_worklist", "fct_quarantine", "quarantine_by_submitter",
    "source_freshness", "trace_back", "trace_forward",
}  # fmt: skip


@pytest.fixture(scope="module")
def manifest(built_empty: Warehouse) -> Any:
    """What dbt wrote about the project when it built the empty warehouse."""
    return json.loads((built_empty.folder / "target" / "manifest.json").read_text("utf-8"))


def _models(manifest: Any, folders: tuple[str, ...] = ("",)) -> Iterator[Any]:
    return (n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["path"].startswith(folders))


def _name(unique_id: str) -> str:
    return unique_id.split(".", 2)[2]


def test_bouncer_runs_its_whole_standard_preset() -> None:
    ours = yaml.safe_load((PROJECT / "dbt-bouncer.yml").read_text("utf-8"))["manifest_checks"]
    preset = yaml.safe_load((files("dbt_bouncer.presets") / "standard.yml").read_text("utf-8"))
    missing = [check for check in preset["manifest_checks"] if check not in ours]
    assert missing == [], "as they stand in the preset, without include or exclude"


def test_few_leaves_hang_on_one_model(manifest: Any) -> None:
    """dbt-project-evaluator, fct_model_fanout: a parent of many end models hides a step of its own between them."""
    children: dict[str, set[str]] = {}
    for model in _models(manifest):
        for parent in model["depends_on"]["nodes"]:
            children.setdefault(parent, set()).add(model["unique_id"])
    names = {_name(m["unique_id"]) for m in _models(manifest)}
    many = {_name(p) for p, found in children.items() if len(found - children.keys()) > MAX_LEAVES} & names
    assert many - MANY_LEAVES.keys() == set()


def test_few_parents_meet_in_one_model(manifest: Any) -> None:
    """dbt-project-evaluator, fct_too_many_joins: models, seeds and sources count."""
    parents = {_name(m["unique_id"]): set(m["depends_on"]["nodes"]) for m in _models(manifest)}
    assert {name for name, found in parents.items() if len(found) > MAX_PARENTS} - MANY_PARENTS.keys() == set()


def test_what_others_read_is_a_table(manifest: Any) -> None:
    """dbt-project-evaluator, fct_exposure_parents_materializations."""
    read = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    views = {_name(parent) for parent in read if manifest["nodes"][parent]["config"]["materialized"] == "view"}
    assert views - LIVE - {"fct_spot_check_party"} == set()  # it reads fct_spot_check by its indexes


def test_every_channel_is_an_exposure(manifest: Any, built_empty: Warehouse) -> None:
    exposures = {exposure["name"] for exposure in manifest["exposures"].values()}
    assert {channel for (channel,) in built_empty.rows("select channel from disclosure.channel")} <= exposures


def test_exposures_name_every_mart_that_disclosure_reads(manifest: Any) -> None:
    code = settings.project_root() / "plugins" / "market_regulation" / "disclosure"
    texts = [file.read_text("utf-8") for file in code.rglob("*") if file.suffix in (".py", ".sql")]
    read = {name for text in texts for name in re.findall(r"\bmarts\.(\w+)", text)}
    named = {_name(p) for exposure in manifest["exposures"].values() for p in exposure["depends_on"]["nodes"]}
    assert read - named == set()


def test_mart_columns_say_where_they_come_from(manifest: Any) -> None:
    silent = [
        f"{model['name']}.{column['name']}"
        for model in _models(manifest, ("marts/",))
        for column in model["columns"].values()
        if not re.search(r"\bSource [a-z]|\bComputed\b", column["description"])
    ]
    assert silent == []
