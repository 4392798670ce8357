"""A component that keeps ending is restarted ever more slowly; one that was stable starts afresh."""

import sys
import time
from pathlib import Path

import pytest

from market_regulation.embedded import component
from market_regulation.embedded.component import Component, open_log


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    return tmp_path


def end_once(short_lived: Component) -> float:
    """Start it, wait for its end, and return the pause until the next try."""
    short_lived.start({})
    assert short_lived.process is not None
    short_lived.process.wait()
    assert short_lived.has_ended()
    short_lived.clean_up()
    return round(short_lived.next_start - time.time())


def test_pauses_double_up_to_half_a_minute() -> None:
    short_lived = Component("short", ["/bin/false"])
    assert [end_once(short_lived) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_failures_are_forgotten_after_a_stable_minute() -> None:
    short_lived = Component("short", ["/bin/false"], failures=6)
    short_lived.start({})
    assert short_lived.process is not None
    short_lived.process.wait()
    short_lived.started -= 61
    short_lived.clean_up()
    assert short_lived.failures == 1


def test_output_goes_to_the_log(home: Path) -> None:
    speaking = Component("speaking", [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"])
    end_once(speaking)
    assert sorted((home / "logs" / "speaking.log").read_text().split()) == ["err", "out"]


def test_a_large_log_is_set_aside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component, "LARGEST_LOG", 10)
    for text in (b"first, and long", b"second, and long", b"third"):
        with open_log("x") as log:
            log.write(text)
    assert (home / "logs" / "x.log").read_bytes() == b"third"
    assert (home / "logs" / "x.log.1").read_bytes() == b"second, and long"
