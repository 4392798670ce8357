"""The DAGs as Airflow's DAG processor sees them, parsed once from the project's folder."""

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from market_regulation import settings

_HOME = tempfile.TemporaryDirectory(prefix="airflow-dags-test-")
os.environ.setdefault("AIRFLOW_HOME", _HOME.name)  # read when airflow is imported
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(settings.project_root() / "dags")


@pytest.fixture(scope="session")
def dag_bag() -> Iterator[Any]:
    """All DAGs of the project; sources come from the project's own folder alone."""
    from airflow.dag_processing.dagbag import DagBag

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MARKET_REGULATION_SOURCES", raising=False)
        yield DagBag(settings.project_root() / "dags", load_op_links=False)
