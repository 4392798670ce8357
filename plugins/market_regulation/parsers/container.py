"""Files packed into zip or gz: recognised by their first bytes, checked before anything is unpacked.

Nothing is ever written under a member's name; a name that leads elsewhere marks the whole archive as hostile.
"""

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from market_regulation.parsers.process import GivenUpError, Request

MOST_MEMBERS = 5_000
WORKBOOK_MARK = "[Content_Types].xml"
MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gz",
    b"\xd0\xcf\x11\xe0": "ole",
    b"Rar!\x1a\x07": "RAR archive",
    b"7z\xbc\xaf": "7z archive",
    b"\xfd7zXZ": "xz file",
    b"BZh": "bzip2 file",
    b"%PDF-": "PDF",
}
Wanted = Literal["text", "workbook"]


def file_type(head: bytes) -> str | None:
    """Name what the first bytes of a file show it to be; None for anything else, such as text."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


class Unpacked:
    """The unpacked bytes of a file or member, up to a budget."""

    def __init__(self, file: IO[bytes], budget: int) -> None:
        self._file = file
        self._left = budget
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            GivenUpError: The archive is damaged, or more comes out than its packed size may hold.
        """
        try:
            data = self._file.read(size if size >= 0 else self._left + 1)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise GivenUpError(f"the archive is damaged: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise GivenUpError(f"more than {self._budget} bytes come out of it, far more than its size should hold")
        return data


@contextmanager
def unpacked(request: Request, wanted: Wanted) -> Iterator[Unpacked]:
    """Open the content of the file, or of its one member if it is an archive.

    Raises:
        GivenUpError: It is no file of the wanted sort, or an archive that must not be opened.
    """
    with request.file.open("rb") as file:
        size = request.file.stat().st_size
        kind = file_type(file.read(8))
        file.seek(0)
        if kind == "gz":
            with gzip.GzipFile(fileobj=file) as inner:
                yield _checked(cast("IO[bytes]", inner), request.budget(size), wanted)
        elif kind == "zip" and not is_workbook(request.file):
            with _opened(request.file) as archive:
                member = _the_member(archive, request.member)
                with archive.open(member) as inner:
                    yield _checked(inner, request.budget(member.compress_size), wanted)
        else:
            yield _checked(file, request.budget(size), wanted)


def is_workbook(file: Path | IO[bytes]) -> bool:
    """Tell whether a zip archive is an Office document."""
    try:
        with zipfile.ZipFile(file) as archive:
            return WORKBOOK_MARK in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def check_members(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that no honest program writes.

    Raises:
        GivenUpError: Too many members, one that leads out of the archive, is a link or encrypted, or a name twice.
    """
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise GivenUpError(f"the archive has {len(members)} members, at most {MOST_MEMBERS} are opened")
    seen: set[str] = set()
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
            raise GivenUpError(f"member {name!r} leads out of the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise GivenUpError(f"member {name!r} is a link")
        if member.flag_bits & 1:
            raise GivenUpError(f"member {name!r} is encrypted; deliver it without a password")
        if name in seen:
            raise GivenUpError(f"member {name!r} is there twice")
        seen.add(name)


def _opened(path: Path) -> zipfile.ZipFile:
    """Names without the UTF-8 mark are read as GB 18030, as Chinese Windows writes them, where that is possible."""
    try:
        archive = zipfile.ZipFile(path, metadata_encoding="gb18030")
    except UnicodeDecodeError:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise GivenUpError(f"the archive is damaged: {error}") from error
    check_members(archive)
    return archive


def _the_member(archive: zipfile.ZipFile, glob: str | None) -> zipfile.ZipInfo:
    files = [m for m in archive.infolist() if not m.is_dir() and not _is_clutter(PurePosixPath(m.filename))]
    fitting = [m for m in files if glob is None or fnmatchcase(PurePosixPath(m.filename).name, glob)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(repr(m.filename) for m in files[:10]) + (" …" if len(files) > 10 else "")
    raise GivenUpError(
        f"{len(fitting)} of its {len(files)} members fit format.member {glob or '*'!r} and one must; members: {names}"
    )


def _is_clutter(name: PurePosixPath) -> bool:
    return name.parts[0] == "__MACOSX" or name.name.startswith(".") or name.name in ("Thumbs.db", "desktop.ini")


def _checked(file: IO[bytes], budget: int, wanted: Wanted) -> Unpacked:
    try:
        kind = file_type(file.read(8))
        file.seek(0)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise GivenUpError(f"the archive is damaged: {error}") from error
    if wanted == "text" and kind:
        names = {"zip": "an XLSX workbook or an archive", "gz": "an archive", "ole": "an XLS workbook"}
        raise GivenUpError(f"where text should be, there is {names.get(kind, 'a ' + kind)}")
    if wanted == "workbook" and kind not in ("zip", "ole"):
        raise GivenUpError(f"it is no workbook but {'a ' + kind if kind else 'something else, perhaps text'}")
    return Unpacked(file, budget)
