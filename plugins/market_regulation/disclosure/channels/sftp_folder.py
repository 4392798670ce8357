"""A channel's folder on an SFTP server: each step ends within the time limit, or fails as the channel's error.

Of a file that goes block by block each block is a step, so that a slow line counts for no silent one.
Names are relative to the folder. No retries: after a ``ChannelError`` it is unknown what became of the step.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from market_regulation.disclosure import feed
from market_regulation.disclosure.channels import account
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.sources.fetch_error import FetchError, Place
from market_regulation.sources.sftp_login import login

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SFTPClientFile, SFTPName

_BLOCK = 1 << 20
T = TypeVar("T")


@contextmanager
def open_folder(channel: str) -> "Iterator[SftpFolder]":
    """Log in to the channel's server.

    Raises:
        ChannelError: The server is not known, is not who it was, cannot be reached or refuses.
    """
    origin, known_hosts, password = account.sftp(channel)
    place = Place(channel, f"sftp://{origin.host}:{origin.port}{origin.folder}")
    with asyncio.Runner() as runner:
        try:
            connection, client = runner.run(login(origin, place, known_hosts, password))
        except FetchError as error:
            raise ChannelError(str(error)) from error
        try:
            yield SftpFolder(runner, client, origin.folder.rstrip("/"), place.address)
        finally:
            connection.abort()
            runner.run(connection.wait_closed())


class SftpFolder:
    """The folder; ``address`` is what an error names.

    Raises:
        ChannelError: From every method, when the connection broke, the server refused, or no answer came in time.
    """

    def __init__(self, runner: asyncio.Runner, client: "SFTPClient", path: str, address: str) -> None:
        self._runner, self._client, self._path, self.address = runner, client, path, address

    def make(self, name: str) -> None:
        """Make a folder inside, where it is missing."""
        self._do(partial(self._client.makedirs, f"{self._path}/{name}", exist_ok=True))

    def entries(self, name: str = ".") -> "list[SFTPName]":
        """Return what lies in a folder inside, with its attributes."""
        return list(self._do(lambda: self._client.readdir(f"{self._path}/{name}")))

    def exists(self, name: str) -> bool:
        """Say whether there is such a file."""
        return bool(self._do(lambda: self._client.exists(f"{self._path}/{name}")))

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._do(lambda: self._client.remove(f"{self._path}/{name}"))

    def put(self, name: str, content: bytes) -> None:
        """Write a small file beside its place, and rename it."""
        path = f"{self._path}/{name}"

        async def put() -> None:
            async with self._opened(f"{path}.part", "wb") as file:
                await file.write(content)
                await _make_durable(file)
            await self._client.rename(f"{path}.part", path)

        async def replace() -> None:
            await self._client.remove(path)
            await put()

        self._do(replace if self.exists(name) else put)

    def get(self, name: str) -> bytes:
        """Return the content of a small file."""

        async def get() -> bytes:
            async with self._opened(f"{self._path}/{name}", "rb") as file:
                return cast("bytes", await file.read())

        return self._do(get)

    def upload(self, name: str, source: IO[bytes]) -> None:
        """Write what is left of the source, block by block, at its place."""

        async def upload() -> None:
            async with self._opened(f"{self._path}/{name}", "wb") as file:
                while block := source.read(_BLOCK):
                    await _within(file.write(block))
                await _within(_make_durable(file))

        self._run(upload)

    def download(self, name: str, target: IO[bytes]) -> None:
        """Write a file's content to the target, block by block."""

        async def download() -> None:
            async with self._opened(f"{self._path}/{name}", "rb") as file:
                while block := await _within(file.read(_BLOCK)):
                    target.write(cast("bytes", block))

        self._run(download)

    @asynccontextmanager
    async def _opened(self, path: str, mode: str) -> "AsyncIterator[SFTPClientFile]":
        """Open a file and close it; after a failure it is left open: a silent server does not answer that either."""
        file = await _within(self._client.open(path, mode))
        yield file
        await _within(file.close())

    def _do(self, step: Callable[[], Awaitable[T]]) -> T:
        return self._run(lambda: _within(step()))

    def _run(self, steps: Callable[[], Coroutine[Any, Any, T]]) -> T:
        import asyncssh

        try:
            return self._runner.run(steps())
        except TimeoutError as error:
            raise ChannelError(f"{self.address}: no answer within {feed.channel_timeout():g} s") from error
        except (asyncssh.Error, OSError) as error:
            raise ChannelError(f"{self.address}: {error or type(error).__name__}") from error


async def _make_durable(file: "SFTPClientFile") -> None:
    """Let the server write the file to its disk, if it knows how (OpenSSH's extension fsync)."""
    from asyncssh import SFTPOpUnsupported

    with suppress(SFTPOpUnsupported):
        await file.fsync()


async def _within(step: Awaitable[T]) -> T:
    return await asyncio.wait_for(step, feed.channel_timeout())
