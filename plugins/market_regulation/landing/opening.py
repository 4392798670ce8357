"""A stored file as text, whatever its encoding."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from market_regulation.sources.profile import CsvFormat, NdjsonFormat


@contextmanager
def open_text(path: Path, form: CsvFormat | NdjsonFormat) -> Iterator[TextIO]:
    """Open a file as text with its line ends as they are; a byte that cannot be decoded becomes a lone surrogate."""
    declared = form.encoding if isinstance(form, CsvFormat) else "utf-8"
    encoding = "utf-8-sig" if declared == "utf-8" else declared
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        yield file
