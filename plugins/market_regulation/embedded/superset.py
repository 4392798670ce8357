"""Superset 6.1 under ``<home>/bi``: its key and password, its metadata, its server.

It runs beside the platform, not under its supervisor: it reads the warehouse only, nothing waits for it, and its own
master process restarts a worker that dies. Its environment is ``.local/superset`` in the project, for every home.
"""

import hashlib
import os
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from market_regulation import settings
from market_regulation.embedded.component import log_file, open_log
from market_regulation.embedded.ports import LOOPBACK, free_port, is_taken
from market_regulation.embedded.private_file import read_json, write_private, write_private_json
from market_regulation.embedded.processes import Identity, end_sessions

CODE = settings.project_root() / "plugins" / "market_regulation" / "bi"
ASSETS = CODE / "assets"
START_LIMIT = 120.0  # seconds
IMPORT_LIMIT = 600.0  # seconds; the first one makes some hundred tables
WORKER_CLASS = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]


class SupersetError(RuntimeError):
    """Superset did not start or refused the assets; the message names the log to read."""


def folder() -> Path:
    """Return the folder of Superset's state."""
    return settings.home() / "bi"


def keys_file() -> Path:
    """Return the file (0600) with the password of ``admin`` and the key that signs sessions."""
    return folder() / "keys.json"


def base_url() -> str:
    """Return the address of the server.

    Raises:
        FileNotFoundError: It was never started here.
    """
    return f"http://{LOOPBACK}:{(folder() / 'port').read_text()}"


def start(report: Callable[[str], None]) -> None:
    """Import the dashboards unless exactly these were imported last, and start the server unless it runs.

    Args:
        report: Receives one line per step.

    Raises:
        SupersetError: A step failed.
    """
    _prepare()
    assets = _fingerprint()
    stamp = folder() / "assets.sha256"
    if not stamp.exists() or stamp.read_text() != assets:
        _import()
        write_private(stamp, assets)
        report("dashboards imported")
    if not _is_running():
        _serve()
    report("Superset ready")


def stop() -> None:
    """End the server if one was started here."""
    if identity := _identity():
        end_sessions([identity], grace_seconds=5)
    _state_file().unlink(missing_ok=True)


def _prepare() -> None:
    if not keys_file().exists():
        write_private_json(keys_file(), {"admin": secrets.token_urlsafe(16), "secret": secrets.token_urlsafe(48)})
    port = folder() / "port"
    if not port.exists() or (not _is_running() and is_taken(int(port.read_text()))):
        write_private(port, str(free_port()))


def _fingerprint() -> str:
    """Hash of what is imported and of the code that does it: names and bytes, in order."""
    files = [CODE / "import_assets.py", CODE / "requirements.txt", *sorted(ASSETS.rglob("*.yaml"))]
    return hashlib.sha256(b"".join(f.name.encode() + b"\0" + f.read_bytes() for f in files)).hexdigest()


def _import() -> None:
    with open_log("superset") as output:
        done = subprocess.run(
            [_program("python"), str(CODE / "import_assets.py")],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder(),
            env=_environment() | {"SUPERSET_ADMIN_PASSWORD": read_json(keys_file())["admin"]},
            timeout=IMPORT_LIMIT,
            check=False,
        )
    if done.returncode:
        raise SupersetError(f"Superset refused the dashboards, see {log_file('superset')}")


def _serve() -> None:
    address = base_url().removeprefix("http://")
    with open_log("superset") as output:
        server = subprocess.Popen(
            [_program("gunicorn"), "--bind", address, *WORKER_CLASS, "superset.app:create_app()"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder(),
            env=_environment(),
            start_new_session=True,
        )
    write_private_json(_state_file(), asdict(Identity.of(server.pid)))
    end = time.monotonic() + START_LIMIT
    while not _answers():
        if server.poll() is not None or time.monotonic() > end:
            stop()
            raise SupersetError(f"Superset did not start, see {log_file('superset')}")
        time.sleep(0.3)


def _answers() -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{base_url()}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _program(name: str) -> str:
    return str(settings.project_root() / ".local" / "superset" / "bin" / name)


def _environment() -> dict[str, str]:
    paths = [str(CODE), str(settings.project_root() / "plugins")]
    return os.environ | {
        "MARKET_REGULATION_HOME": str(settings.home()),
        "PYTHONPATH": os.pathsep.join(paths),
        "SUPERSET_HOME": str(folder()),
    }


def _state_file() -> Path:
    return settings.home() / "run" / "superset.json"


def _identity() -> Identity | None:
    entry = read_json(_state_file())
    return Identity(int(entry["pid"]), float(entry["created"])) if entry else None


def _is_running() -> bool:
    identity = _identity()
    return identity is not None and identity.is_alive()
