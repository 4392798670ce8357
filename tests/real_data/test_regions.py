"""Every division that exists today is known, whatever the age of the library's table."""

import csv

import pytest
from real_files import files, skip_without_data

from market_regulation.database.regions import regions

pytestmark = pytest.mark.real_data
skip_without_data()


def test_every_current_division_is_known_and_in_force() -> None:
    [file] = files("gb2260/divisions_2026.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        current = {row["code6"] for row in csv.DictReader(lines)}
    assert len(current) > 3000
    assert sorted(current - {code for code, _, _, last_year in regions() if last_year is None}) == []
