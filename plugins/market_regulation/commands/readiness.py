"""Waiting until the embedded platform is ready: every component healthy, every DAG file parsed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from market_regulation import settings
from market_regulation.commands.airflow_api import AirflowApi
from market_regulation.embedded import airflow
from market_regulation.embedded.component import log_file
from market_regulation.embedded.platform import PlatformError
from market_regulation.embedded.state import read_state

TIME_LIMIT = 300.0  # seconds
FAILURES_ALLOWED = 3  # ends of one component in a row
HEALTH = {
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}  # component -> API's key


def await_ready(report: Callable[[str], None]) -> None:
    """Wait until everything that was started works, reporting each part once.

    Raises:
        PlatformError: A component keeps ending, a DAG file cannot be parsed, or the time limit is over; the message
            names the log to read. The platform is left as it is.
    """
    end = time.monotonic() + TIME_LIMIT
    seen: set[str] = set()
    while pending := _pending():
        for part in sorted(seen - pending):
            report(f"{part} ready")
        seen = pending
        _check_failures()
        if time.monotonic() > end:
            parts = ", ".join(sorted(pending))
            raise PlatformError(f"not ready after {TIME_LIMIT:.0f} s: {parts}; logs in {settings.home() / 'logs'}")
        time.sleep(0.3)
    for part in sorted(seen):
        report(f"{part} ready")
    api = AirflowApi()
    if errors := api.import_errors():
        texts = "\n".join(f"{error['filename']}: {error['stack_trace']}" for error in errors)
        raise PlatformError(f"DAG files that cannot be parsed:\n{texts}")
    report(f"{len(api.dags())} DAGs parsed")


def _pending() -> set[str]:
    """Names of the parts that are not ready yet: components first, DAG files once those are."""
    components = read_state().get("components", {})
    started = {name: datetime.fromtimestamp(entry["started"], UTC) for name, entry in components.items()}
    health = _health()
    if not health:
        return set(airflow.components())
    pending = {name for name, key in HEALTH.items() if not _beats(health[key], key, started[name])}
    services = settings.home() / "sandbox" / "services.json"
    if not services.exists() or services.stat().st_mtime < started["sandbox"].timestamp():
        pending.add("sandbox")
    return pending or _unparsed(started["dag-processor"])


def _health() -> dict[str, Any]:
    try:
        response = httpx.get(f"{airflow.base_url()}/api/v2/monitor/health", timeout=5, trust_env=False)
    except httpx.TransportError:
        return {}
    health: dict[str, Any] = response.json() if response.is_success else {}
    return health


def _beats(health: dict[str, Any], key: str, started: datetime) -> bool:
    """A heartbeat counts only when it is younger than the component: that of a killed one stays fresh for a while."""
    heartbeat = health.get(f"latest_{key}_heartbeat")
    return health["status"] == "healthy" and heartbeat is not None and datetime.fromisoformat(heartbeat) >= started


def _unparsed(since: datetime) -> set[str]:
    """DAG files that were neither parsed nor found faulty since the DAG processor started."""
    folder = Path(airflow.environment()["AIRFLOW__CORE__DAGS_FOLDER"])
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if _may_define_dag(path)}
    api = AirflowApi()
    done = {dag["relative_fileloc"] for dag in api.dags() if _is_since(dag["last_parsed_time"], since)}
    return files - done - {error["filename"] for error in api.import_errors()}


def _may_define_dag(path: Path) -> bool:
    """Airflow's own rule for the files it looks at."""
    content = path.read_bytes().lower()
    return b"dag" in content and b"airflow" in content


def _is_since(timestamp: str | None, since: datetime) -> bool:
    return timestamp is not None and datetime.fromisoformat(timestamp) >= since


def _check_failures() -> None:
    for name, component in read_state().get("components", {}).items():
        if component["failures"] >= FAILURES_ALLOWED:
            raise PlatformError(f"{name} keeps ending, see {log_file(name)}")
