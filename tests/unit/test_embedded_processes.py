"""Ending a component ends everything it has started, and nothing else."""

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from market_regulation.embedded.processes import Identity, end_sessions

# A leader that ignores SIGTERM and has a child in its session, and through that a grandchild in another one.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
inner += " start_new_session=True); print('ready', flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", inner])
time.sleep(60)
"""


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    yield process
    for pid in family:
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()
    process.wait()


def family_of(leader: subprocess.Popen[str]) -> list[psutil.Process]:
    process = psutil.Process(leader.pid)
    family = [process, *process.children(recursive=True)]
    assert len(family) == 3
    return family


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_a_stubborn_leader_and_all_its_descendants_end(leader: subprocess.Popen[str]) -> None:
    family = family_of(leader)
    end_sessions([Identity.of(leader.pid)], grace_seconds=0.2)
    assert running(family) == []


def test_descendants_of_a_killed_leader_end(leader: subprocess.Popen[str]) -> None:
    family, identity = family_of(leader), Identity.of(leader.pid)
    leader.kill()
    leader.wait()
    assert len(running(family)) == 2
    end_sessions([identity], grace_seconds=0.2)
    assert running(family) == []


def test_a_process_that_only_reuses_the_id_is_left_alone(leader: subprocess.Popen[str]) -> None:
    family, actual = family_of(leader), Identity.of(leader.pid)
    earlier = Identity(actual.pid, actual.created - 3600)
    assert not earlier.is_alive()
    end_sessions([earlier], grace_seconds=0.2)
    assert running(family) == family


def test_an_orderly_leader_is_given_its_time() -> None:
    program = "import signal, sys, time\n"
    program += "signal.signal(15, lambda *_: (time.sleep(0.5), print('tidied up', flush=True), sys.exit()))\n"
    program += "print('ready', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        end_sessions([Identity.of(process.pid)], grace_seconds=10)
        assert process.stdout.read() == "tidied up\n"
        assert time.monotonic() - began < 5
