"""What runs now, as the supervisor wrote it to ``<home>/run/platform.json``."""

import json
from pathlib import Path
from typing import Any

from market_regulation import settings
from market_regulation.embedded.processes import Identity


def state_file() -> Path:
    """Return the file that names the supervisor and its components; it is gone after an orderly stop."""
    return settings.home() / "run" / "platform.json"


def read_state() -> dict[str, Any]:
    """Return ``{"supervisor": {pid, created}, "components": {name: {pid, created, started, failures}}}``, or ``{}``."""
    try:
        state: dict[str, Any] = json.loads(state_file().read_text())
    except FileNotFoundError:
        return {}
    return state


def recorded_components() -> list[Identity]:
    """Return the components of the last supervisor, alive or not."""
    return [Identity(entry["pid"], entry["created"]) for entry in read_state().get("components", {}).values()]


def running_supervisor() -> Identity | None:
    """Return the supervisor if it is alive."""
    entry = read_state().get("supervisor")
    supervisor = Identity(entry["pid"], entry["created"]) if entry else None
    return supervisor if supervisor is not None and supervisor.is_alive() else None
