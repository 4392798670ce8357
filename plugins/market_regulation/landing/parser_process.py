"""Starting a parser of ``market_regulation.parsers`` on a stored file: limits, no secrets, one clear error."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

import market_regulation
from market_regulation.landing.records import UnreadableFileError
from market_regulation.parsers.process import Request

Parser = Literal["unpack", "nested_json", "workbook", "documents"]
MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What a parser process may use.

    Attributes:
        memory: Address space, bytes.
        cpu_seconds: Processor time for any file, however small.
        cpu_seconds_per_mb: Processor time more for each MB of the file.
        silence: How many times its processor time it may write nothing.
        output: What may come out of a file, bytes.
        ratio: What may come out of a file or member as a multiple of its packed size; 64 MiB may always.
    """

    memory: int = 1024 * MB
    cpu_seconds: int = 30
    cpu_seconds_per_mb: int = 20
    silence: int = 2
    output: int = 8192 * MB
    ratio: int = 200


LIMITS = Limits()


@contextmanager
def parsed(
    parser: Parser, path: Path, *, member: str | None = None, sheet: str | None = None, records: str = ""
) -> Iterator[IO[bytes]]:
    """Run a parser on a file and read what it writes; leaving before the end stops it.

    Raises:
        UnreadableFileError: It gave up or was stopped by a limit; raised when the block is left, after all that came.
    """
    cpu_seconds = LIMITS.cpu_seconds + LIMITS.cpu_seconds_per_mb * (path.stat().st_size // MB)
    request = Request(
        path=str(path),
        memory=LIMITS.memory,
        cpu_seconds=cpu_seconds,
        silent_seconds=cpu_seconds * LIMITS.silence,
        output=LIMITS.output,
        ratio=LIMITS.ratio,
        member=member,
        sheet=sheet,
        records=records,
    )
    command = [sys.executable, "-P", "-s", "-m", f"market_regulation.parsers.{parser}", json.dumps(asdict(request))]
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, env=_environment(), cwd="/"
        ) as process:
            if process.stdout is None:
                raise RuntimeError("a pipe was asked for")
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise UnreadableFileError(f"the file cannot be read: {_reason(process.returncode, complaints, request)}")


def _environment() -> dict[str, str]:
    """Only what Python and openpyxl need: a parser gets no address and no password."""
    root = Path(market_regulation.__file__).parents[1]
    return {"PYTHONPATH": str(root), "PATH": os.defpath, "LANG": "C.UTF-8", "OPENPYXL_LXML": "False"}


def _reason(returncode: int, complaints: IO[bytes], request: Request) -> str:
    if returncode == -signal.SIGXCPU:
        return f"it takes more than {request.cpu_seconds} s of processor time; deliver it in parts"
    if returncode == -signal.SIGALRM:
        return f"nothing came out of it for {request.silent_seconds} s"
    if returncode < 0:
        name, memory = signal.Signals(-returncode).name, request.memory // MB
        return f"it stopped the parser ({name}), which may use {memory} MB of memory"
    complaints.seek(max(complaints.seek(0, os.SEEK_END) - 4000, 0))
    lines = complaints.read().decode("utf-8", "replace").split("\n")
    return lines[-1].strip() or f"the parser ended with {returncode}"
