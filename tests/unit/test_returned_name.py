"""Names of return files: written so that they can be told from every other file, and read back."""

import pytest

from market_regulation.sources.returned_name import refused_name, return_name, returned


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("三月抽检.north.return-12.xlsx", ("north", 12)),
        ("a.b.csv.se_lab_2.return-7.xlsx", ("se_lab_2", 7)),
        ("one.north.return-3.south.return-12.xlsx", ("south", 12)),
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
        ("a.refused-12.xlsx", None),
        ("三月抽检.xlsx", None),
    ],
)
def test_only_the_name_of_a_return_file_is_one(name: str, found: tuple[str, int] | None) -> None:
    assert returned(name) == found


@pytest.mark.parametrize(
    ("came_as", "goes_as"),
    [
        ("三月抽检.csv", "三月抽检.north.return-12.xlsx"),
        ("a.b.csv", "a.b.north.return-12.xlsx"),
        ("plain", "plain.north.return-12.xlsx"),
        ("一.north.return-3.xlsx", "一.north.return-12.xlsx"),  # a correction that is sent back in its turn
        ("spot-checks?day=2026-03-16&page=1", "spot-checks_day_2026-03-16_page_1.north.return-12.xlsx"),
        ("恶\u202e意.csv", "恶_意.north.return-12.xlsx"),
        ("..csv", "delivery.north.return-12.xlsx"),
        ("", "delivery.north.return-12.xlsx"),
    ],
)
def test_a_return_file_is_called_after_the_file_that_came(came_as: str, goes_as: str) -> None:
    assert return_name(came_as, "north", 12) == goes_as
    assert returned(goes_as) == ("north", 12)


@pytest.mark.parametrize("stem", ["检" * 200, "x" * 300])
def test_a_long_name_is_cut_to_what_a_file_system_takes(stem: str) -> None:
    name = return_name(f"{stem}.csv", "north", 12)
    assert returned(name) == ("north", 12)
    assert 250 < len(name.encode()) <= 255
    assert name.startswith(stem[:50])


def test_a_notice_cannot_be_taken_for_a_return_file() -> None:
    assert refused_name("三月抽检.csv", 12) == "三月抽检.refused-12.xlsx"
