"""``make dbt``: run dbt on the warehouse, as the role that builds it; while no scheduled build runs."""

import os
import subprocess
import sys
from pathlib import Path

from market_regulation import settings
from market_regulation.embedded import postgres
from market_regulation.embedded.airflow import dbt_address


def main(arguments: list[str]) -> int:
    """Run dbt with these arguments and return its exit code; starts the embedded PostgreSQL when it is down."""
    if not postgres.is_running():
        postgres.start()
    project = str(settings.project_root() / "dbt_project")
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments, "--project-dir", project, "--profiles-dir", project],
        env=os.environ | dbt_address(),
        check=False,
    ).returncode
