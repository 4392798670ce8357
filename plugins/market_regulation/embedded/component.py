"""One supervised process: how it is started, what became of it, when it may be started again."""

import logging
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from market_regulation import settings
from market_regulation.embedded.processes import Identity, end_sessions

LONGEST_PAUSE = 30.0  # seconds between two tries to start a component
STABLE_AFTER = 60.0  # seconds after which a component counts as healthy and its failures are forgotten
LARGEST_LOG = 10 * 1024 * 1024  # bytes

log = logging.getLogger("supervisor")


@dataclass
class Component:
    """A process that is to run all the time; times are seconds since 1970."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    identity: Identity | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start the process in a session of its own, its output appended to its log."""
        with open_log(self.name) as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=settings.home(),
                start_new_session=True,
            )
        self.identity = Identity.of(self.process.pid)
        self.started = time.time()
        log.info("%s started, process %s", self.name, self.process.pid)

    def has_ended(self) -> bool:
        """Tell whether the process has ended since it was started; collects it so that no zombie stays."""
        return self.process is not None and self.process.poll() is not None

    def clean_up(self) -> None:
        """End what an ended process left behind and set the time of the next try: 1, 2, 4 … 30 seconds later."""
        if self.process is None or self.identity is None:
            return
        if time.time() - self.started > STABLE_AFTER:
            self.failures = 0
        self.failures += 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        log.warning("%s ended with %s, next try in %.0f s", self.name, self.process.returncode, pause)
        end_sessions([self.identity], grace_seconds=0)
        self.process, self.next_start = None, time.time() + pause


def log_file(name: str) -> Path:
    """Return the log of a component."""
    return settings.home() / "logs" / f"{name}.log"


def open_log(name: str) -> BinaryIO:
    """Open a component's log for appending; one larger than 10 MiB is set aside first, replacing the one before."""
    path = log_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
