"""Airflow's scheduler, which has loaded beforehand what its tasks import.

With LocalExecutor a task is a fork of the scheduler, so a module loaded here costs no task anything: Great Expectations
alone takes five seconds of processor time to import, and every ``check`` of every source needs it.

    python -m market_regulation.embedded.scheduler [options of ``airflow scheduler``]
"""

import os
import sys
from importlib import import_module

LOADED = ("great_expectations", "market_regulation.landing", "market_regulation.sources.catalog")


def main() -> None:
    """Load, then schedule until told to stop."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a library's threads would not survive the fork
    for name in LOADED:
        import_module(name)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()


if __name__ == "__main__":
    main()
