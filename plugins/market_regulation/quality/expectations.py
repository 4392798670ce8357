"""One run of Great Expectations over a delivery: native, bundled expectations that return counts only.

Every rule is asked for with ``result_format`` BASIC and ``partial_unexpected_count`` 0, which Great Expectations
bundles into a few scans and which keeps row values out of results and Data Docs. Results are kept under
``<home>/data_docs``; the site is rebuilt under a file lock, because several sources may be checked at once.
"""

import contextlib
import datetime as dt
import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from market_regulation import settings
from market_regulation.quality.gate import GxOutcome
from market_regulation.quality.suite import InSet, LengthBetween, MatchRegex, NotNull, PairGreater, Rule, Suite
from market_regulation.sources.contract import Source

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SITE = "site"
PAGES_LISTED = 500


def run_expectations(source: Source, suite: Suite, rows: str, delivery_id: int, business_day: dt.date) -> GxOutcome:
    """Evaluate the suite on one delivery and add a page to Data Docs.

    An exception inside an expectation is part of the outcome; only a failure of Great Expectations as a whole raises.

    Args:
        source: The contract.
        suite: Its rules.
        rows: Committed table in schema ``quality`` with the rows of the checked view (see ``snapshot``).
        delivery_id: The delivery, named in the page.
        business_day: Its business day, named in the page.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the package is imported, which takes seconds
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral", project_config=_project())
    uri = settings.dsn("warehouse", "loader").replace("postgresql://", "postgresql+psycopg://", 1)
    datasource = context.data_sources.add_postgres("warehouse", connection_string=uri, create_temp_table=False)
    asset = datasource.add_table_asset(source.source, table_name=rows, schema_name="quality")
    gx_suite = gx.ExpectationSuite(name=source.source, expectations=[native(rule) for rule in suite.expectations])
    definition = gx.ValidationDefinition(
        name=source.source,
        data=asset.add_batch_definition_whole_table(source.source),
        suite=context.suites.add(gx_suite),
    )
    checkpoint = gx.Checkpoint(
        name=source.source,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format=RESULT_FORMAT,
    )
    run_id = gx.RunIdentifier(run_name=f"delivery {delivery_id} of {business_day}")
    try:
        [(identifier, result)] = context.checkpoints.add(checkpoint).run(run_id=run_id).run_results.items()
    finally:
        datasource.get_engine().dispose()
    with _one_at_a_time():
        context.build_data_docs(site_names=[SITE], resource_identifiers=[identifier])
    return read_outcome(result.to_json_dict(), str(_folder() / "index.html"))


def native(rule: Rule) -> dict[str, object]:
    """Return a rule as Great Expectations' own configuration; a computed one is "in {true}" on its boolean column.

    Every expectation passes on null but the one that asks for a value. Data Docs show its description.
    """
    kwargs: dict[str, object]
    kind: str = rule.expectation
    match rule:
        case NotNull():
            kwargs = {"column": rule.column}
        case InSet():
            kwargs = {"column": rule.column, "value_set": rule.value_set}
        case MatchRegex():
            kwargs = {"column": rule.column, "regex": rule.regex}
        case LengthBetween():
            kwargs = {"column": rule.column, "min_value": rule.min_value, "max_value": rule.max_value}
        case PairGreater():
            kwargs = {
                "column_A": rule.column_A,
                "column_B": rule.column_B,
                "or_equal": rule.or_equal,
                "ignore_row_if": "either_value_is_missing",
            }
        case _:
            kind, kwargs = "expect_column_values_to_be_in_set", {"column": rule.name, "value_set": [True]}
    meta = rule.meta
    words = f"{meta.severity} {meta.rule_id} ({meta.action}): {meta.reason}"
    return {"type": kind, "kwargs": kwargs, "meta": meta.model_dump(), "description": words}


def read_outcome(result: dict[str, list[dict[str, dict[str, dict[str, object]]]]], data_docs: str) -> GxOutcome:
    """Read a validation result (as JSON) into counts per rule."""
    failed: dict[str, int] = {}
    raised: dict[str, str] = {}
    rows: set[int] = set()
    for one in result["results"]:
        rule_id = str(one["expectation_config"]["meta"]["rule_id"])
        message, counts = _exception(one["exception_info"]), one["result"]
        if message:
            raised[rule_id] = message
            continue
        rows.add(int(str(counts["element_count"])))
        # without any row there is no count of unexpected ones
        failed[rule_id] = int(str(counts["unexpected_count"])) if counts["element_count"] else 0
    return GxOutcome(
        failed=failed,
        evaluated=len(result["results"]),
        rows=rows.pop() if len(rows) == 1 else None,
        raised=raised,
        data_docs=data_docs,
    )


def _exception(info: dict[str, dict[str, object]]) -> str | None:
    """Return the first line of an exception, which is either ``info`` itself or one of several inside it."""
    for one in [info] if "raised_exception" in info else info.values():
        if one["raised_exception"]:
            return (str(one["exception_message"]).splitlines() or ["no message"])[0]
    return None


def _project() -> object:
    """Configuration of a context that keeps suites in memory, results and Data Docs in files."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    defaults = InMemoryStoreBackendDefaults()
    results = defaults.validation_results_store_name
    defaults.stores[results] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _files(_folder() / "results"),
    }
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": _files(_folder()),
        "site_section_builders": {
            "validations": {"class_name": "DefaultSiteSectionBuilder", "source_store_name": results},
            "expectations": "None",
            "profiling": "None",
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "validation_results_limit": PAGES_LISTED},
    }
    return DataContextConfig(
        store_backend_defaults=defaults,
        data_docs_sites={SITE: site},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )


def _files(folder: Path) -> dict[str, object]:
    return {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": str(folder),
        "suppress_store_backend_id": True,
    }


def _folder() -> Path:
    return settings.home() / "data_docs"


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
