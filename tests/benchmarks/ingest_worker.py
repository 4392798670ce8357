"""One ingest of one file in a process of its own, measured from opening the file to the last commit.

``python ingest_worker.py FILE [--without-gx]`` prints a JSON object: rows, seconds, startup_s (imports), rss_mb (peak).
"""

import time

BEGAN = time.perf_counter()

import datetime as dt  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import great_expectations  # noqa: E402, F401, TID253, a worker that has checked before has imported it

from market_regulation import settings  # noqa: E402
from market_regulation.landing import check_due, checking, collect, land_due  # noqa: E402
from market_regulation.quality.gate import GxOutcome  # noqa: E402
from market_regulation.sources.catalog import find_source  # noqa: E402

DAY = dt.date(2026, 3, 16)


def main() -> None:
    """Ingest the file named on the command line."""
    startup = time.perf_counter() - BEGAN
    source = find_source("bench_spot_checks")
    if "--without-gx" in sys.argv:
        setattr(checking, "run_expectations", lambda *_: GxOutcome())  # noqa: B010
        setattr(checking, "problems", lambda *_: ())  # noqa: B010
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.copy(sys.argv[1], inbox / Path(sys.argv[1]).name)
    began = time.perf_counter()
    collect(source, DAY)
    land_due(source, DAY)
    [result] = check_due(source, DAY)
    seconds = time.perf_counter() - began
    if (result.verdict, result.quarantined > 0) != ("loaded", True):
        raise RuntimeError(result.line())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": result.received, "seconds": seconds, "startup_s": startup, "rss_mb": peak}))


if __name__ == "__main__":
    main()
