"""What dbt said of each node of a build, kept in ``quality.dbt_result`` and held against what should have run."""

import json
from typing import Any

import psycopg

from market_regulation import settings
from market_regulation.warehouse.inputs import note_built, run_folder

GOOD = ("success", "pass")
RUNS = ("model", "seed", "snapshot", "test")

_KEEP = """
insert into quality.dbt_result (run_id, node_id, status, failures, execution_s, message, business_day)
select %(run_id)s, %(node_id)s, %(status)s, %(failures)s, %(seconds)s, %(message)s, business_day
from control.business_day
on conflict (run_id, node_id) do update set
    status = excluded.status, failures = excluded.failures, execution_s = excluded.execution_s,
    message = excluded.message, loaded_at = now()
"""


class BuildFailedError(RuntimeError):
    """The build left nodes that failed or did not run; the message names them."""


def load(run_id: str) -> int:
    """Load the results of a build and return how many nodes it had.

    Raises:
        BuildFailedError: A node of the manifest is missing or ended otherwise than well, or dbt left no results.
        psycopg.Error: The results cannot be written.
    """
    said = _read(run_id, "run_results.json")["results"]
    results = [result for result in said if not result["unique_id"].startswith("exposure.")]  # they run nothing
    rows = [
        {
            "run_id": run_id,
            "node_id": result["unique_id"],
            "status": result["status"],
            "failures": result["failures"],
            "seconds": result["execution_time"],
            "message": (result["message"] or "")[:500],
        }
        for result in results
    ]
    with psycopg.connect(settings.dsn("warehouse", "transformer")) as connection:
        connection.cursor().executemany(_KEEP, rows)
    status = {row["node_id"]: row["status"] for row in rows}
    problems = [f"{node}: {end}" for node, end in sorted(status.items()) if end not in (*GOOD, "skipped")]
    problems += [f"{node}: did not run" for node in sorted(_expected(_read(run_id, "manifest.json")) - set(status))]
    problems += [f"{node}: skipped" for node, end in sorted(status.items()) if end == "skipped"]
    if problems:
        more = f" and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise BuildFailedError(
            f"build {run_id}, {len(problems)} of {len(status)} nodes: {'; '.join(problems[:20])}{more};"
            f" see quality.dbt_result and {run_folder(run_id)}"
        )
    note_built(run_id)
    return len(status)


def _read(run_id: str, name: str) -> Any:  # noqa: ANN401, dbt's own documents
    file = run_folder(run_id) / name
    if not file.exists():
        raise BuildFailedError(f"dbt left no {name}: it was killed or timed out, see the log of the task `dbt`")
    return json.loads(file.read_text(encoding="utf-8"))


def _expected(manifest: Any) -> set[str]:  # noqa: ANN401, dbt's own document
    """Ids of the nodes that a build runs; unit tests say nothing about data, so they run with the tests of the code."""
    return {
        node_id
        for node_id, node in manifest["nodes"].items()
        if node["resource_type"] in RUNS and node["config"].get("materialized") != "ephemeral"
    }
