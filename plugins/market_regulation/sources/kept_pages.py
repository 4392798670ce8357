"""The answers of one pull while it is under way: on disk, so that a second try goes on where the first one broke.

Two files in the source's folder of the store: ``.pull-<hash>.ndjson`` with the records, ``.pull-<hash>.pages`` with
one line for each answer whose records are complete. What is longer than the pages say is cut off at opening.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO, Self

from market_regulation import settings
from market_regulation.sources.fetch_error import Place

KEPT_SECONDS = 6 * 3600
BLOCK = 1 << 20


@dataclass(frozen=True)
class Page:
    """One answer.

    Attributes:
        at: Where it begins: the page's number or the cursor, empty for the first cursor.
        next: Where the next one begins, None for the last.
        rows: Number of its records.
        announced: Number of records over all answers, if it says so.
        digest: SHA-256 of its records.
    """

    at: str
    next: str | None
    rows: int
    announced: int | None
    digest: str


class KeptPages:
    """The answers that are on disk; ``pages`` lists them in order."""

    def __init__(self, place: Place, pull: str) -> None:
        self._place = place
        self._folder = settings.store() / place.source
        stem = f".pull-{hashlib.sha256(pull.encode()).hexdigest()[:32]}"
        self._records_path, self._pages_path = self._folder / f"{stem}.ndjson", self._folder / f"{stem}.pages"
        self._records: BinaryIO
        self._pages: BinaryIO
        self._ends: list[int] = []
        self.pages: list[Page] = []

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget_old()
        self._records, self._pages = self._records_path.open("a+b"), self._pages_path.open("a+b")
        try:
            fcntl.flock(self._records, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.__exit__()
            raise self._place.error("another process is at this pull", "let it end, then run again") from error
        self._load()
        return self

    def __exit__(self, *_: object) -> None:
        self._records.close()
        self._pages.close()

    def add(self, page: Page, records: bytes) -> None:
        """Keep one more answer."""
        self._records.write(records)
        self._records.flush()
        os.fsync(self._records.fileno())
        self._ends.append(self._records.tell())
        self.pages.append(page)
        self._pages.write(json.dumps({**asdict(page), "end": self._ends[-1]}).encode("ascii") + b"\n")
        self._pages.flush()

    def keep_first(self, count: int) -> None:
        """Forget all answers but the first ``count``."""
        del self.pages[count:], self._ends[count:]
        self._pages.truncate(0)
        self._records.truncate(self._ends[-1] if self._ends else 0)
        for page, end in zip(self.pages, self._ends, strict=True):
            self._pages.write(json.dumps({**asdict(page), "end": end}).encode("ascii") + b"\n")
        self._pages.flush()

    def records(self) -> Iterator[bytes]:
        """Yield the records of all answers in blocks of bytes."""
        self._records.seek(0)
        while block := self._records.read(BLOCK):
            yield block

    def forget(self) -> None:
        """Remove both files."""
        self._pages_path.unlink(missing_ok=True)
        self._records_path.unlink(missing_ok=True)

    def _load(self) -> None:
        self._pages.seek(0)
        size = self._records.seek(0, os.SEEK_END)
        for text in self._pages:
            try:
                known = json.loads(text)
                end = known.pop("end")
                page = Page(**known)
            except (ValueError, TypeError, KeyError):
                break
            if end > size:
                break
            self.pages.append(page)
            self._ends.append(end)
        self.keep_first(len(self.pages))

    def _forget_old(self) -> None:
        """An answer that is hours old says little about now, and a pull of a past day may never be tried again."""
        for path in self._folder.glob(".pull-*"):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink(missing_ok=True)
