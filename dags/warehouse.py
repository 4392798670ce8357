"""Airflow DAG ``warehouse``: one dbt build of everything, after any landing that brought something."""

import sys
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import Asset, AssetAny, Context, dag, get_current_context, task

from market_regulation import settings
from market_regulation.sources.catalog import load_sources

MARTS = Asset("warehouse.marts", uri="x-warehouse://warehouse/marts")
LANDED = [Asset(f"landing.{s.source}", uri=f"x-warehouse://landing/{s.source}") for s in load_sources()]
PROJECT = settings.project_root() / "dbt_project"

DOC = """
### warehouse
Builds every seed, model and test of `dbt_project/` in **one** dbt run, for the day in `control.business_day`.

- **Owner**: data-platform, tier 1. **Starts**: when any source has landed, or by hand (`make build`).
- **Re-run**: now, at any time; a build of the same inputs gives the same tables. A run started by an asset is skipped
  until each source has landed once, and when the last good build read exactly what there is now; a run started by hand
  always builds.
- **Artifacts**: `<home>/dbt/<run_id>/` (run_results.json, manifest.json), results in `quality.dbt_result`,
  documentation in `<home>/dbt_docs/index.html`.
- **When `dbt` fails**: `dbt_result` names the nodes. A failing test is a fact about the data: look at it, do not retry.
  "Another dbt is at work": wait until it has ended. Nothing is published from a failed build.
"""


@dag(
    dag_id="warehouse",
    schedule=AssetAny(*LANDED),
    start_date=pendulum.datetime(2026, 1, 1, tz=settings.TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    tags=["layer:warehouse", "tier:1"],
    default_args={"owner": "data-platform", "pool": "warehouse", "retries": 0},
    doc_md=DOC,
)
def warehouse() -> None:
    """Wire needed → documents → dbt → dbt_result → docs."""
    from cosmos import ProfileConfig
    from cosmos.constants import InvocationMode
    from cosmos.operators.local import DbtBuildLocalOperator

    @task.short_circuit(ignore_downstream_trigger_rules=True, retries=2)
    def needed() -> bool:
        """Tell whether a build would change anything that no later landing will start one for."""
        from market_regulation import landing
        from market_regulation.warehouse.inputs import is_due, is_landing

        if get_current_context()["dag_run"].run_type != "manual":
            return is_due() and not is_landing()
        for source in load_sources():  # by hand it builds always, also before a source has delivered anything
            landing.prepare(source, landing.current_business_day())
        return True

    @task(retries=2)
    def documents() -> None:
        """Find out what the public may see of each new document: the payloads name the public bytes by their hash."""
        import psycopg

        from market_regulation import business_day
        from market_regulation.disclosure import public_documents

        with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
            today = business_day.get(connection)
        public_documents.inspect(today)

    dbt = DbtBuildLocalOperator(
        task_id="dbt",
        project_dir=str(PROJECT),
        profile_config=ProfileConfig(
            profile_name="market_regulation",
            target_name="warehouse",
            profiles_yml_filepath=PROJECT / "profiles.yml",
        ),
        dbt_executable_path=str(Path(sys.executable).with_name("dbt")),
        invocation_mode=InvocationMode.SUBPROCESS,
        install_deps=False,
        dbt_cmd_flags=["--exclude-resource-type", "unit_test"],
        append_env=True,
        emit_datasets=False,
        should_store_compiled_sql=False,
        pre_execute=_begin,
        callback="market_regulation.warehouse.build.keep_artifacts",
        retries=1,
        retry_delay=timedelta(seconds=30),
        execution_timeout=timedelta(minutes=25),
    )

    @task(trigger_rule="all_done", outlets=[MARTS])
    def dbt_result() -> None:
        """Keep what dbt said of each node; fail unless every node ran and ended well."""
        from market_regulation.warehouse.results import load

        load(_run_id())

    @task(pool="default_pool")
    def docs() -> None:
        """Renew the documentation site when the project has changed."""
        from market_regulation.warehouse.docs import write_docs

        write_docs(_run_id())

    needed() >> documents() >> dbt >> dbt_result() >> docs()


def _begin(context: Context) -> None:
    """Lock the warehouse for the task ``dbt``."""
    from market_regulation.warehouse.build import begin

    begin(context)


def _run_id() -> str:
    return str(get_current_context()["run_id"])


warehouse()
