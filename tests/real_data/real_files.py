"""The real data of the tests in this folder: where they are, how a reader of their own reads them, landing them.

The files stay outside the repository; without them the tests are skipped.
"""

import csv
import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest

from market_regulation import landing, settings
from market_regulation.quality.outcome import DeliveryResult
from market_regulation.sources.contract import Source

DATA = settings.project_root().parent / "shared" / "data"
SOURCES = Path(__file__).parent / "sources"
DAY = dt.date(2026, 3, 16)
Row = dict[str, str]


def skip_without_data() -> None:
    """Skip the calling module where the real data are absent."""
    if not DATA.is_dir():
        pytest.skip(f"the real data are not at {DATA}", allow_module_level=True)


def files(*patterns: str) -> list[Path]:
    """Return the data files that fit, which must be some for each pattern."""
    found = {pattern: sorted(DATA.glob(pattern)) for pattern in patterns}
    assert all(found.values()), f"nothing fits {[p for p, fitting in found.items() if not fitting]} in {DATA}"
    return [file for fitting in found.values() for file in fitting]


def read(file: Path, encoding: str) -> list[Row]:
    """Read a file of the data as anybody would: Python's csv module, or openpyxl with all cells as text."""
    if file.suffix == ".xlsx":
        headings, *rows = openpyxl.load_workbook(file, read_only=True).worksheets[0].values
        return [{str(h): str(cell or "") for h, cell in zip(headings, row, strict=True)} for row in rows]
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def land(source: Source, delivered: Iterable[Path]) -> list[DeliveryResult]:
    """Put files into the inbox of a source and take them in."""
    inbox = settings.inbox() / source.source
    inbox.mkdir(parents=True, exist_ok=True)
    for file in delivered:
        shutil.copy(file, inbox)
    landing.collect(source, DAY)
    landing.land_due(source, DAY)
    return landing.check_due(source, DAY)
