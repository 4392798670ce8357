"""Figures of the benchmarks: collected while they run, shown as a table and written to ``.local/bench.json``."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmark_figures import FIGURES, ROOT

Record = Callable[[str, float], None]


@pytest.fixture
def record() -> Record:
    """Enter one figure under the name by which it is asked for."""

    def enter(name: str, value: float) -> None:
        FIGURES[name] = round(value, 4)

    return enter


@pytest.hookimpl(hookwrapper=True)
def pytest_sessionfinish() -> Iterator[None]:
    """Write the figures beside those of benchmarks that did not run this time."""
    yield
    if not FIGURES:
        return
    file = Path(os.environ.get("MARKET_REGULATION_HOME", ROOT / ".local")) / "bench.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known | FIGURES, indent=2, sort_keys=True) + "\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures."""
    for name, value in FIGURES.items():
        terminalreporter.write_line(f"{name:<45}{value:>12}")
    if FIGURES:
        terminalreporter.write_line(
            "written to .local/bench.json; in ratios, the bare side with the same bytes in the same run is 1.0"
        )
