"""Processes recognised beyond doubt, and ended with all they have started.

A process id is reused; together with the time of creation it is not. Each component runs in a session of its own, so
its descendants are found by the session even after the component itself was killed.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

import psutil

CLOCK_DRIFT = 10.0  # seconds


@dataclass(frozen=True)
class Identity:
    """A process that existed: its id and the time of its creation (seconds since 1970)."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Identify a process that exists now.

        Raises:
            psutil.NoSuchProcess: It does not.
        """
        return cls(pid, psutil.Process(pid).create_time())

    def names(self, process: psutil.Process) -> bool:
        """Tell whether ``process`` is this one. Creation times are reckoned from the boot time, which drifts."""
        return process.pid == self.pid and abs(process.create_time() - self.created) < CLOCK_DRIFT

    def is_alive(self) -> bool:
        """Tell whether this very process still runs (a zombie does not)."""
        try:
            process = psutil.Process(self.pid)
            return self.names(process) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def end_sessions(leaders: list[Identity], grace_seconds: float) -> None:
    """Ask the leaders to end, wait, then kill whatever is left of their sessions and all descendants.

    Args:
        leaders: Session leaders, dead or alive.
        grace_seconds: How long the leaders may take for an orderly end.
    """
    for leader in leaders:
        if leader.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(leader.pid, signal.SIGTERM)
    end = time.monotonic() + grace_seconds
    while time.monotonic() < end and any(leader.is_alive() for leader in leaders):
        time.sleep(0.1)
    members = [member for leader in leaders for member in _members(leader)]
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(members, timeout=5)


def _members(leader: Identity) -> list[psutil.Process]:
    """Processes of the leader's session, whose number is not reused while it has members, and their descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        if not leader.names(psutil.Process(leader.pid)):
            return []
    members = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader.pid:
                members |= {process, *process.children(recursive=True)}
    return list(members)
