"""``make psql``: open a database in psql, the one that comes with the embedded server."""

import os
import signal
import subprocess
from urllib.parse import unquote, urlsplit

from market_regulation.commands.dsn import address
from market_regulation.embedded.cluster import BIN


def main(arguments: list[str]) -> int:
    """Run psql. The password goes by the environment: arguments can be read by every user of the machine."""
    uri = urlsplit(address(arguments, "psql", __doc__))
    environment = os.environ | {
        "PGHOST": uri.hostname or "",
        "PGPORT": str(uri.port or 5432),
        "PGUSER": unquote(uri.username or ""),
        "PGPASSWORD": unquote(uri.password or ""),
        "PGDATABASE": uri.path.removeprefix("/"),
    }
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql
    return subprocess.run([BIN / "psql"], env=environment, check=False).returncode
