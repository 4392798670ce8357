"""The system user that runs the server when the caller is root: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "pgserver"


@dataclass(frozen=True)
class ServerUser:
    """User id and group id of the server's processes."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Make ``path`` belong to this user; does nothing for an ordinary caller, who owns what it creates."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def server_user(data: Path) -> ServerUser:
    """Return the caller, or for root the owner of the data folder, or else the user ``pgserver`` (created if missing).

    Raises:
        PermissionError: The data folder belongs to somebody else and the caller is not root.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise PermissionError(
                f"{data} belongs to {pwd.getpwuid(owner.st_uid).pw_name}: run as the user who started the platform "
                "first, or set MARKET_REGULATION_HOME to a folder of your own"
            )
        return ServerUser(os.geteuid(), os.getegid())
    if owner is not None and owner.st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    if NAME not in {entry.pw_name for entry in pwd.getpwall()}:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME], check=True)
    entry = pwd.getpwnam(NAME)
    return ServerUser(entry.pw_uid, entry.pw_gid)


def let_pass(path: Path) -> None:
    """As root, let other users traverse the folders above ``path`` (search permission only, no listing)."""
    if os.geteuid() != 0:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            print(f"chmod o+x {folder} (the server's user {NAME} must reach {path})", file=sys.stderr)
            folder.chmod(mode | 0o001)


def let_read(folder: Path) -> None:
    """As root, let other users read the tree below ``folder``, and run what its owner may run."""
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            wanted = mode | 0o004 | (0o001 if mode & 0o100 else 0)
            if mode != wanted:
                path.chmod(wanted)
