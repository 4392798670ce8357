"""Create a virtual environment and install its locked requirements: ``make setup``, and for Superset ``make bi``.

Runs with the system's Python and the standard library only. The stamp ``requirements.sha256`` in the environment is
written last: without it an earlier try was interrupted and the folder is made anew, with it but for another lock the
packages are installed over the old ones. uv is used when present; pip when not, or when uv fails.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BI = sys.argv[1:] == ["bi"]  # Superset pins SQLAlchemy 1.4 and cannot share an environment with the platform
VENV = ROOT / ".local" / "superset" if BI else ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"
REQUIREMENTS = (ROOT / "plugins" / "market_regulation" / "bi" if BI else ROOT) / "requirements.txt"
LOCKED = ["--require-hashes", "--no-deps", "-r", str(REQUIREMENTS)]


def main() -> int:
    """Install unless the stamp says that exactly this lock is installed; one process at a time."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        _say(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12 …")
        return 2
    with REQUIREMENTS.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(file.read()).hexdigest()
        if _stamp() == wanted:
            return 0
        if not _stamp():
            shutil.rmtree(VENV, ignore_errors=True)
        STAMP.unlink(missing_ok=True)
        if not (_install_with_uv() or _install_with_pip()):
            _say("The installation failed, see above. After mending the cause run the same command again.")
            return 1
        STAMP.write_text(wanted)
    return 0


def _say(line: str) -> None:
    """Report progress on stderr: the stdout of a command that installs first belongs to that command."""
    print(line, file=sys.stderr, flush=True)


def _stamp() -> str:
    """Hash of the lock that is installed, empty when none is or when the environment's interpreter is gone."""
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0
    return STAMP.read_text() if works and STAMP.exists() else ""


def _install_with_uv() -> bool:
    uv = shutil.which("uv")
    if uv is None:
        return False
    _say(f"Installing the locked packages into {VENV} with uv …")
    create = [uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]
    install = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), *LOCKED]
    return (PYTHON.exists() or _succeeds(create)) and _succeeds(install)


def _install_with_pip() -> bool:
    _say(f"Installing the locked packages into {VENV} with pip, some minutes the first time …")
    if not _succeeds([str(PYTHON), "-m", "pip", "--version"], quiet=True):
        shutil.rmtree(VENV, ignore_errors=True)
        if not _succeeds([sys.executable, "-m", "venv", str(VENV)]):
            _say("This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv")
            return False
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return _show_progress([*pip, "install", "--progress-bar", "off", *LOCKED])


def _succeeds(command: list[str], quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, check=False, stdout=output, stderr=output).returncode == 0
    except FileNotFoundError:
        return False


def _show_progress(command: list[str]) -> bool:
    """Run pip, printing a line for every 25 packages instead of five for each."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        collected = 0
        for line in pip.stdout or ():
            if line.startswith("Collecting "):
                collected += 1
                if collected % 25 == 0:
                    _say(f"  {collected} packages found")
            elif line.startswith("Installing collected packages"):
                _say("  all found, installing")
    return pip.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
