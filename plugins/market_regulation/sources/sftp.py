"""Files in a folder of an SFTP server.

A file is taken when it is whole: its name says so, it has rested for ``settle_seconds``, and size and time of change
are the same before and after reading. It is entered before it is moved into the ``done`` folder. Where nothing may be
changed on the server, a file is known again by name, size and time of change, and not read a second time.
"""

import asyncio
import logging
import posixpath
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import Place
from market_regulation.sources.fetching import Sftp
from market_regulation.sources.named_file import BLOCK, is_finished, keep, open_store, readable
from market_regulation.sources.sftp_login import login

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SFTPName

log = logging.getLogger(__name__)
READ_AT_ONCE = 4 * BLOCK  # asked for in parallel pieces, which makes a far server fast


@dataclass(frozen=True)
class RemoteFile:
    """One regular file as the server lists it; ``changed`` is in whole seconds since 1970."""

    path: str
    name: str
    size: int
    changed: int

    @property
    def identity(self) -> str:
        """What the file is known again by without reading it."""
        return f"{self.name}|{self.size}|{self.changed}"


def fetch(source: Source, origin: Sftp, is_known: Callable[[str], bool]) -> Arrivals:
    """Yield each whole file that is not known, oldest first; the caller registers it before it asks for the next.

    A file that cannot be read or moved does not hold up the others: it is reported at the end.

    Args:
        source: The contract.
        origin: Its ``fetch``.
        is_known: Tells whether an arrival of this identity was entered before.

    Raises:
        FetchError: The server cannot be reached or refuses, or single files could not be read or moved.
    """
    place = Place(source.source, f"sftp://{origin.host}:{origin.port}/{origin.folder.strip('/')}")
    problems: list[str] = []
    with asyncio.Runner() as runner:
        connection, client = runner.run(login(origin, place))
        try:
            for file in runner.run(_whole_files(client, origin, place)):
                if origin.done or not is_known(file.identity):
                    with _problems_noted(file, place, problems):
                        yield from _deliver(runner, client, source, origin, file, place)
        finally:
            connection.abort()
            runner.run(connection.wait_closed())
    if problems:
        raise place.error("; ".join(problems), "have the account's rights on the server mended, then run again")


async def _whole_files(client: "SFTPClient", origin: Sftp, place: Place) -> list[RemoteFile]:
    import asyncssh

    try:
        found = [file async for entry in client.scandir(origin.folder) if (file := _regular(entry, origin.folder))]
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection) as error:
        raise place.error("the connection broke", "run again") from error
    except asyncssh.SFTPError as error:
        raise place.error(f"{origin.folder} cannot be listed: {error}", "mend fetch.folder or the rights") from error
    now = time.time()
    for file in found:
        if file.changed - now > origin.settle_seconds:
            log.warning("%s: %r waits, it was changed in the future: mend the server's clock", place.source, file.name)
    settled = [file for file in found if now - file.changed >= origin.settle_seconds]
    return sorted(settled, key=lambda file: (file.changed, file.path))


def _regular(entry: "SFTPName", folder: str) -> RemoteFile | None:
    """Return a listed file that can be whole; None for folders, links, copies under way and names with path parts."""
    import asyncssh

    name, attributes = str(entry.filename), entry.attrs
    if not is_finished(name) or "/" in name or attributes.type != asyncssh.FILEXFER_TYPE_REGULAR:
        return None
    if attributes.size is None or attributes.mtime is None:
        return None
    return RemoteFile(posixpath.join(folder, name), readable(name), attributes.size, int(attributes.mtime))


def _deliver(
    runner: asyncio.Runner, client: "SFTPClient", source: Source, origin: Sftp, file: RemoteFile, place: Place
) -> Arrivals:
    arrival = runner.run(_take(client, source, origin, file, place))
    if arrival is None:
        log.info("%s: %r is still being written, next time", source.source, file.name)
        return
    yield arrival
    if origin.done:
        runner.run(_put_away(client, posixpath.join(origin.folder, origin.done), file, arrival.sha256, place))


async def _take(client: "SFTPClient", source: Source, origin: Sftp, file: RemoteFile, place: Place) -> Arrival | None:
    """Copy one file into the store; None when it changes while it is read."""
    async with client.open(file.path, "rb", encoding=None) as remote:
        with open_store(source, file.name) as store:
            while block := await remote.read(min(READ_AT_ONCE, file.size - store.size)):
                store.write(cast("bytes", block))
            after = await client.stat(file.path)
            if (after.size, after.mtime, store.size) != (file.size, file.changed, file.size):
                return None
            arrival = keep(source, store, f"{place.address}/{file.name}", file.identity)
    # A file that will be moved was read anyway: its content tells it from one that replaced it within a second.
    return replace(arrival, identity=f"{file.identity}|{arrival.sha256}") if origin.done else arrival


async def _put_away(client: "SFTPClient", folder: str, file: RemoteFile, sha256: str, place: Place) -> None:
    """Move an entered file out of the way; one that lies there under this name already has the same bytes.

    A file that took its name after it was read stays where it is.
    """
    now = await client.stat(file.path)
    if (now.size, now.mtime) != (file.size, file.changed):
        log.warning("%s: %r was replaced after it was read, the next run takes it", place.source, file.name)
        return
    await client.makedirs(folder, exist_ok=True)
    target = posixpath.join(folder, f"{sha256[:12]}_{posixpath.basename(file.path)}")
    if await client.exists(target):
        await client.remove(file.path)
    else:
        await client.rename(file.path, target)


@contextmanager
def _problems_noted(file: RemoteFile, place: Place, problems: list[str]) -> Iterator[None]:
    """Note what is wrong with a single file.

    Raises:
        FetchError: The connection is gone, which concerns all files.
    """
    import asyncssh

    try:
        yield
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError) as error:
        then = "run again; what was entered stays entered, the rest is read anew"
        raise place.error(f"the connection broke at {file.name!r} ({error})", then) from error
    except asyncssh.SFTPError as error:
        problems.append(f"{file.name!r}: {error}")
