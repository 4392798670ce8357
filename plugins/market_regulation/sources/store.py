"""The store of received originals: ``<home>/store/<source>/<sha256>.<ext>``, written once, never changed.

A file gets its name only when it is complete and on disk, so whatever has a name is whole.
"""

import hashlib
import os
import uuid
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from market_regulation import settings


class StoreWriter:
    """Writes one original in pieces; leaving the ``with`` block without ``keep()`` leaves nothing behind."""

    def __init__(self, source: str, extension: str) -> None:
        self._folder = settings.store() / source
        self._extension = extension
        self._part = self._folder / f".{uuid.uuid4().hex}.part"
        self._hash = hashlib.sha256()
        self._file: BinaryIO
        self.size = 0

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("xb")
        return self

    def write(self, data: bytes) -> None:
        """Append ``data``."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def keep(self) -> str:
        """Give the file its name and return its SHA-256 (lower-case hex)."""
        self._file.flush()
        os.fsync(self._file.fileno())
        sha256 = self._hash.hexdigest()
        self._part.chmod(0o440)
        self._part.replace(self._folder / f"{sha256}.{self._extension}")
        return sha256

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


def stored_file(source: str, sha256: str) -> Path:
    """Return the path of a stored original.

    Raises:
        FileNotFoundError: The store does not hold it.
    """
    folder = settings.store() / source
    for path in folder.glob(f"{sha256}.*"):
        return path
    raise FileNotFoundError(f"{folder} holds no file {sha256}.*: restore the store, or deliver the file again")
