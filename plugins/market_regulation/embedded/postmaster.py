"""The running server seen from outside: which processes are ours, and is it ready.

Processes are recognised by their name and working folder (the data folder), never by a process id alone: ids are
reused, and ``postmaster.pid`` outlives a killed server.
"""

import contextlib
import signal
import time
from pathlib import Path

import psutil


def postmaster(data: Path) -> psutil.Process | None:
    """Return the main process of the server on ``data``, or None when there is none."""
    try:
        process = psutil.Process(int(_pid_lines(data)[0]))
        if process.name() == "postgres" and process.cwd() == str(data) and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (IndexError, ValueError, psutil.Error):
        return None
    return None


def is_ready(data: Path) -> bool:
    """Tell whether the server on ``data`` accepts connections."""
    lines = _pid_lines(data)
    return postmaster(data) is not None and len(lines) >= 8 and lines[7].strip() == "ready"


def await_ready_or_gone(data: Path, seconds: float) -> None:
    """Wait until a server that is just starting is ready, or one that is just stopping is gone.

    Raises:
        TimeoutError: Neither happened in time.
    """
    end = time.monotonic() + seconds
    while postmaster(data) is not None and not is_ready(data):
        if time.monotonic() > end:
            raise TimeoutError(f"the server on {data} neither started nor stopped within {seconds:.0f} s")
        time.sleep(0.1)


def end_server(data: Path) -> None:
    """Stop the server on ``data``: fast, or else without a checkpoint, or else by force; nothing committed is lost.

    Raises:
        TimeoutError: It is still there.
    """
    for number, seconds in ((signal.SIGINT, 40), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        end = time.monotonic() + seconds
        process = postmaster(data)
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        while postmaster(data) is not None:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"the server on {data} does not end")


def end_leftovers(data: Path) -> None:
    """After the main process was killed: end its orphans, which would block a start, and drop the stale pid file.

    Safe for the data: without the main process they can commit nothing more, and a start recovers from the log.
    """
    orphans = [p for p in psutil.process_iter(["name", "cwd"]) if p.info["name"] == "postgres"]
    orphans = [p for p in orphans if p.info["cwd"] == str(data)]
    for orphan in psutil.wait_procs(orphans, timeout=5)[1]:
        orphan.kill()
    psutil.wait_procs(orphans, timeout=5)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
