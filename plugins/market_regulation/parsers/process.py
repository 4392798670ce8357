"""What every parser process does first and last: limits on itself, and one line on stderr when it gives up."""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

BLOCK = 1 << 18


class GivenUpError(Exception):
    """The file cannot be read; the message says why in words for its submitter."""


@dataclass(frozen=True)
class Request:
    """What a parser is asked for, one JSON object as its only argument.

    Attributes:
        path: The file.
        memory: Limit of the process's address space, bytes.
        cpu_seconds: Limit of its processor time.
        silent_seconds: Limit of the time in which it writes nothing; a parser can hang without using any time.
        output: Limit of what it unpacks and of what it writes, bytes; at least 64 MiB whatever the file's size.
        ratio: How many times its packed size a file or member may have.
        member: Glob on the member's name when the file is a zip archive.
        sheet: Glob on the sheet's name (workbooks).
        records: Dotted path to the list of records (nested JSON).
    """

    path: str
    memory: int
    cpu_seconds: int
    silent_seconds: int
    output: int
    ratio: int
    member: str | None = None
    sheet: str | None = None
    records: str = ""

    @property
    def file(self) -> Path:
        """The file to parse."""
        return Path(self.path)

    def budget(self, packed: int) -> int:
        """Return how many bytes may come out of ``packed`` ones."""
        return min(max(packed * self.ratio, 1 << 26), self.output)


class Output:
    """Standard output in blocks, up to a number of bytes."""

    def __init__(self, limit: int, silent_seconds: int) -> None:
        self._left = limit
        self._limit = limit
        self._silent_seconds = silent_seconds
        signal.alarm(silent_seconds)
        self._block = bytearray()

    def write(self, data: bytes) -> None:
        """Write ``data``.

        Raises:
            GivenUpError: More than the limit would be written.
        """
        self._left -= len(data)
        if self._left < 0:
            raise GivenUpError(f"its content is larger than {self._limit} bytes, the limit for a file of its size")
        self._block += data
        if len(self._block) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Hand out what is still kept back; the time that the reader takes does not count as silence."""
        signal.alarm(0)
        sys.stdout.buffer.write(self._block)
        sys.stdout.buffer.flush()
        self._block.clear()
        signal.alarm(self._silent_seconds)


def serve(work: Callable[[Request, Output], None]) -> NoReturn:
    """Do ``work`` on the request in the arguments under its limits and end the process: 0, or 1 with the reason."""
    request = Request(**json.loads(sys.argv[1]))
    _limit(request)
    reason = ""
    try:
        output = Output(request.budget(request.file.stat().st_size), request.silent_seconds)
        work(request, output)
        output.flush()
    except BrokenPipeError:  # the reader has seen enough
        pass
    except GivenUpError as error:
        reason = str(error)
    except MemoryError:
        reason = f"it needs more than {request.memory >> 20} MB of memory; deliver it in parts"
    except BaseException as error:  # noqa: BLE001, whatever a parser raises (panics too) ends in one line
        while error.__cause__:
            error = error.__cause__
        reason = f"it is damaged ({type(error).__name__}: {error})"
    if reason:
        os.write(2, ("\n" + " ".join(reason.split())[:2000]).encode(errors="backslashreplace"))
    os._exit(1 if reason else 0)  # no destructor of a parser that gave up may run


def _limit(request: Request) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (request.memory, request.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (request.cpu_seconds, request.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (request.output, request.output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
