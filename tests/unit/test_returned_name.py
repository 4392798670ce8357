"""Names of return files: written so that they can be told from every other file, and read back."""

import pytest

from market_regulation.sources.returned_name import return_name, returned


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("三月抽检.north.return-12.xlsx", ("north", 12)),
        ("a.b.csv.se_lab_2.return-7.xlsx", ("se_lab_2", 7)),
        ("one.north.return-3.south.return-12.xlsx", ("south", 12)),  # a correction that was sent back again
        (".north.return-12.xlsx", ("north", 12)),
        ("north.return-12.xlsx", None),
        ("a.north.return-12.csv", None),
        ("a.north.return-12 (1).xlsx", None),
        ("a.North.return-12.xlsx", None),
        ("a.north.return-0.xlsx", None),
        ("a.north.return-012.xlsx", None),
        ("a.north.return-１２.xlsx", None),
        ("a.north.return-12345678901234567890.xlsx", None),  # more than a delivery_id can be
        ("a.north.return-12.xlsx\n", None),
        ("三月抽检.xlsx", None),
    ],
)
def test_only_the_name_of_a_return_file_is_one(name: str, found: tuple[str, int] | None) -> None:
    assert returned(name) == found


@pytest.mark.parametrize("stem", ["三月抽检", "a.b", "检" * 200, "x" * 255, "恶\u202e意"])
def test_a_name_that_is_written_can_be_read_and_fits_a_file_system(stem: str) -> None:
    name = return_name(stem, "north", 12)
    assert returned(name) == ("north", 12)
    assert len(name.encode()) <= 255
    assert name.startswith(stem[:50])
