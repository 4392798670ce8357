"""One run of Great Expectations over a checked view: native, bundled expectations that return counts only.

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
from typing import TYPE_CHECKING, Any

from market_regulation import settings
from market_regulation.quality.gate import GxOutcome
from market_regulation.quality.suite import InSet, LengthBetween, MatchRegex, NotNull, PairGreater, Rule, Suite
from market_regulation.sources.contract import Source

if TYPE_CHECKING:
    import great_expectations as gx

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SITE = "site"
PAGES_LISTED = 500


def run_expectations(source: Source, suite: Suite, delivery_id: int, business_day: dt.date) -> GxOutcome:
    """Evaluate the suite on one delivery and add a page to Data Docs.

    An exception inside an expectation is part of the outcome; only a failure of Great Expectations as a whole raises.
    """
    gx = _great_expectations()
    context = _context(gx)
    definition = _definition(gx, context, source, suite, delivery_id, business_day)
    checkpoint = gx.Checkpoint(
        name=source.source, validation_definitions=[definition], result_format={**RESULT_FORMAT}, actions=[]
    )
    run_id = gx.RunIdentifier(run_name=f"delivery {delivery_id} of {business_day}")
    results = context.checkpoints.add(checkpoint).run(run_id=run_id).run_results
    identifier, result = next(iter(results.items()))
    return _outcome(result.results, _build_page(context, identifier))


def _great_expectations() -> Any:
    """Import Great Expectations (seconds), silent and without telling anybody that it is used."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    return great_expectations


def _context(gx: Any) -> Any:
    """An ephemeral context: suites in memory, results and Data Docs in files."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    defaults = InMemoryStoreBackendDefaults()
    defaults.stores[defaults.validation_results_store_name] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _files(_folder() / "results"),
    }
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": _files(_folder()),
        "site_section_builders": {
            "validations": {
                "class_name": "DefaultSiteSectionBuilder",
                "source_store_name": defaults.validation_results_store_name,
            },
            "expectations": "None",
            "profiling": "None",
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "validation_results_limit": PAGES_LISTED},
    }
    config = DataContextConfig(
        store_backend_defaults=defaults,
        data_docs_sites={SITE: site},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _folder() -> Path:
    return settings.home() / "data_docs"


def _files(folder: Path) -> dict[str, object]:
    return {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": str(folder),
        "suppress_store_backend_id": True,
    }


def _definition(gx: Any, context: Any, source: Source, suite: Suite, delivery_id: int, business_day: dt.date) -> Any:
    uri = settings.dsn("warehouse", "loader").replace("postgresql://", "postgresql+psycopg://", 1)
    chosen = f"-c market_regulation.delivery_id={delivery_id} -c market_regulation.business_day={business_day}"
    datasource = context.data_sources.add_postgres(
        "warehouse", connection_string=uri, create_temp_table=False, kwargs={"connect_args": {"options": chosen}}
    )
    asset = datasource.add_table_asset(source.source, table_name=f"{source.source}_checked", schema_name="quality")
    expectations = [_expectation(gx, rule) for rule in suite.expectations]
    return context.validation_definitions.add(
        gx.ValidationDefinition(
            name=source.source,
            data=asset.add_batch_definition_whole_table(source.source),
            suite=context.suites.add(gx.ExpectationSuite(name=source.source, expectations=expectations)),
        )
    )


def _expectation(gx: Any, rule: Rule) -> Any:
    """Return the native expectation of a rule; a computed one is "in {true}" on its boolean column, null passing."""
    meta = rule.meta.model_dump()
    kinds = gx.expectations
    match rule:
        case NotNull():
            return kinds.ExpectColumnValuesToNotBeNull(column=rule.column, meta=meta)
        case InSet():
            return kinds.ExpectColumnValuesToBeInSet(column=rule.column, value_set=rule.value_set, meta=meta)
        case MatchRegex():
            return kinds.ExpectColumnValuesToMatchRegex(column=rule.column, regex=rule.regex, meta=meta)
        case LengthBetween():
            return kinds.ExpectColumnValueLengthsToBeBetween(
                column=rule.column, min_value=rule.min_value, max_value=rule.max_value, meta=meta
            )
        case PairGreater():
            return kinds.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=rule.column_A,
                column_B=rule.column_B,
                or_equal=rule.or_equal,
                ignore_row_if="either_value_is_missing",
                meta=meta,
            )
        case _:
            return kinds.ExpectColumnValuesToBeInSet(column=rule.name, value_set=[True], meta=meta)


def _outcome(results: list[Any], data_docs: str) -> GxOutcome:
    failed: dict[str, int] = {}
    raised: dict[str, str] = {}
    rows: set[int] = set()
    for result in results:
        rule_id = result.expectation_config.meta["rule_id"]
        if message := _exception(result.exception_info):
            raised[rule_id] = message
        else:
            failed[rule_id] = int(result.result["unexpected_count"])
            rows.add(int(result.result["element_count"]))
    return GxOutcome(
        failed=failed,
        evaluated=len(results),
        rows=rows.pop() if len(rows) == 1 else None,
        raised=raised,
        data_docs=data_docs,
    )


def _exception(info: dict[str, Any]) -> str | None:
    """Return the first line of an exception, which is either ``info`` itself or one of several inside it."""
    each = [info] if "raised_exception" in info else list(info.values())
    for one in each:
        if one["raised_exception"]:
            return (str(one["exception_message"]).splitlines() or ["no message"])[0]
    return None


def _build_page(context: Any, identifier: Any) -> str:
    with _lock():
        context.build_data_docs(site_names=[SITE], resource_identifiers=[identifier])
    return str(_folder() / "index.html")


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
