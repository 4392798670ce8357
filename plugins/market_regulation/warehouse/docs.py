"""The dbt documentation site ``<home>/dbt_docs`` (index.html, manifest.json, catalog.json), one per project state."""

import shutil
import subprocess
import sys
from pathlib import Path

from market_regulation import settings
from market_regulation.warehouse.inputs import project_fingerprint, project_folder, run_folder

TIME_LIMIT = 300  # seconds


class DocsError(RuntimeError):
    """dbt could not write its documentation; the message ends with what it said."""


def write_docs(run_id: str) -> bool:
    """Write the site from the manifest of build ``run_id``; return False when the one there is of this project.

    Raises:
        DocsError: dbt failed.
        subprocess.TimeoutExpired: dbt took longer than five minutes.
    """
    folder = settings.home() / "dbt_docs"
    made_from = folder / "project.sha256"
    project = project_fingerprint()
    if made_from.exists() and made_from.read_text() == project:
        return False
    # fmt: off
    command = [
        str(Path(sys.executable).with_name("dbt")), "docs", "generate", "--no-compile",
        "--project-dir", str(project_folder()), "--profiles-dir", str(project_folder()),
        "--target-path", str(folder), "--log-path", str(run_folder(run_id)),
    ]
    # fmt: on
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT)
    if done.returncode:
        raise DocsError(f"`dbt docs generate` failed: {done.stdout.strip()[-1500:]}")
    shutil.copyfile(run_folder(run_id) / "manifest.json", folder / "manifest.json")
    made_from.write_text(project)
    return True
