"""A stored file as lines of text, whatever its encoding and whatever it is packed in.

Delimited text and NDJSON come as they are; workbooks and JSON documents come as lines of JSON, one per row or record,
from the process that parses them.
"""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from market_regulation.landing.encoding import detected
from market_regulation.landing.parser_process import parsed
from market_regulation.landing.records import UnreadableFileError
from market_regulation.parsers.container import file_type
from market_regulation.sources.profile import CsvFormat, JsonFormat, NdjsonFormat, SheetFormat

MARKS = {  # that of UTF-32 (little endian) begins with that of UTF-16
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ASCII = bytes(range(128))


@contextmanager
def open_text(path: Path, form: CsvFormat | SheetFormat | NdjsonFormat | JsonFormat) -> Iterator[TextIO]:
    """Open a file as text with its line ends as they are.

    What cannot be decoded becomes a lone surrogate (the byte), or U+FFFD where the encoding does not go by bytes.

    Raises:
        UnreadableFileError: It cannot be opened, or not to its end; then it is raised when the block is left.
    """
    with _opened(path, form) as file:
        encoding = _encoding(path, form)
        line_end = "" if isinstance(form, CsvFormat) else "\n"
        with io.TextIOWrapper(file, encoding=encoding, errors=_on_error(encoding), newline=line_end) as text:
            yield text


@contextmanager
def _opened(path: Path, form: CsvFormat | SheetFormat | NdjsonFormat | JsonFormat) -> Iterator[BinaryIO]:
    if isinstance(form, SheetFormat):
        parser = parsed("workbook", path, member=form.member, sheet=form.sheet)
    elif isinstance(form, JsonFormat):
        parser = parsed("nested_json", path, member=form.member, records=form.records)
    else:
        with path.open("rb") as file:
            if file_type(file.read(8)) is None:
                file.seek(0)
                yield file
                return
        parser = parsed("unpack", path, member=form.member)
    with parser as output:
        yield cast("BinaryIO", output)


def _encoding(path: Path, form: CsvFormat | SheetFormat | NdjsonFormat | JsonFormat) -> str:
    if not isinstance(form, CsvFormat):
        return "utf-8-sig" if isinstance(form, NdjsonFormat) else "utf-8"
    if form.encoding == "auto":
        return detected(partial(_opened, path, form))
    with _opened(path, form) as file:
        head = file.read(4)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if marked and not form.encoding.startswith(marked):
        raise UnreadableFileError(
            f"it begins with the byte order mark of {marked} and the profile says encoding {form.encoding};"
            f" write {marked} or auto there"
        )
    return "utf-8-sig" if form.encoding == "utf-8" else form.encoding


def _on_error(encoding: str) -> str:
    """Bytes can stand for themselves only where each ASCII byte is its character."""
    return "surrogateescape" if ASCII.decode(encoding, "replace") == ASCII.decode("ascii") else "replace"
