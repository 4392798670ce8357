"""One side of the publishing benchmark in a process of its own, without the time it takes to start.

``python publish_worker.py deliver`` sends what the outbox holds and prints a JSON object: rows, seconds, rss_mb (peak).
``python publish_worker.py post URL FILE…`` posts the files one after the other, as plainly as httpx can: seconds.
"""

import json
import re
import sys
import time
from pathlib import Path

import asyncssh  # noqa: F401, a sender that has sent before has imported it
import httpx
from disclosure_records import DAY

from market_regulation.disclosure import deliver
from market_regulation.disclosure.channels import exchange_db, http_api, sftp_batch  # noqa: F401, as above


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1] == "deliver":
        began = time.perf_counter()
        rows = deliver.deliver(DAY).rows
        done = {"rows": rows, "seconds": time.perf_counter() - began, "rss_mb": _peak_kib() / 1024}
    else:
        done = {"seconds": _post(sys.argv[2], [Path(name) for name in sys.argv[3:]])}
    print(json.dumps(done))


def _post(url: str, files: list[Path]) -> float:
    bodies = [file.read_bytes() for file in files]
    with httpx.Client(trust_env=False) as client:
        began = time.perf_counter()
        for file, body in zip(files, bodies, strict=True):
            client.post(f"{url}/{file.name}", content=body).raise_for_status()
        return time.perf_counter() - began


def _peak_kib() -> int:
    """Peak of this process alone: what getrusage says includes that of the process which started it."""
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak)


if __name__ == "__main__":
    main()
