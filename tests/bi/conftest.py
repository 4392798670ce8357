"""One Superset on a demo's warehouse, looked at once by a real Chromium; the tests read what was seen."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from assets import DASHBOARDS, charts_of

from market_regulation import settings
from market_regulation.embedded import platform, postgres, superset
from market_regulation.embedded.private_file import read_json

Seen = dict[str, Any]


@pytest.fixture(scope="session")
def demo_home() -> Iterator[Path]:
    """A home where `make demo` ran, with PostgreSQL up; ``BI_TEST_HOME`` names one that is there already."""
    home = Path(os.environ.get("BI_TEST_HOME") or tempfile.mkdtemp(prefix="market-regulation-bi-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKET_REGULATION_HOME", str(home))
        if not (home / "postgres").exists():
            home.chmod(0o755)  # the server's user must reach its folder when the tests run as root
            demo = [sys.executable, "-m", "market_regulation.commands", "demo", "--stop"]
            done = subprocess.run(demo, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        try:
            postgres.start()
            yield home
        finally:
            platform.stop()
            if "BI_TEST_HOME" not in os.environ:
                shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def running(demo_home: Path) -> str:
    """The address of Superset, started as `make bi` does."""
    superset.start(lambda _: None)
    return superset.base_url()


@pytest.fixture(scope="session")
def seen(running: str) -> Seen:
    """What Chromium saw of every dashboard; the screenshots lie in ``.local/screenshots``."""
    folder = settings.project_root() / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    order = {
        "base": running,
        "password": read_json(superset.keys_file())["admin"],
        "folder": str(folder),
        "dashboards": {slug: len(charts_of(dashboard)) for slug, dashboard in DASHBOARDS.items()},
    }
    python = settings.project_root() / ".local" / "superset" / "bin" / "python"
    browse = [str(python), str(Path(__file__).with_name("browse.py"))]
    done = subprocess.run(browse, input=json.dumps(order), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))
