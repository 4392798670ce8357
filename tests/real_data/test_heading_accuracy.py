"""How many real headings the mapper gets right.

The headings come from some thirty provinces' announcements with a class each. The classes were given by others and by
hand, now and then to fragments of merged cells, so a share of them cannot be reached: the bounds leave room for that.
"""

import csv

import pytest
from real_files import DATA, skip_without_data

from market_regulation.sources.profiling.matching import Guess, concept_targets, match

pytestmark = pytest.mark.real_data
skip_without_data()

# Class of the data set to the columns of ours that say the same. Classes that hold names of substances or leftovers of
# other documents (test_outcome, adulterant, None, …) are no headings of a column.
COLUMNS = {
    "announcement_date": {"announced_on", "published_on", "reported_on"},
    "failing_results": {"failed_items"},
    "food_name": {"product_name"},
    "inspection_results": {"conclusion", "conclusion_text", "test_conclusion"},
    "legal_limit": {"limit_value"},
    "manufacturer_address": {"producer_address"},
    "manufacturer_name": {"producer_name", "manufacturer_name", "factory_name"},
    "notice_number": {"notice_no", "report_no", "sample_no", "batch_no"},
    "product_classification": {"product_category"},
    "production_date": {"produced_on", "batch_no"},
    "sampled_date": {"sampled_on"},
    "sampled_location_address": {"seller_address"},
    "sampled_location_name": {"seller_name"},
    "sampled_location_province": {"seller_province_name", "producer_province_name", "province_name"},
    "specifications_model": {"model"},
    "task_source_or_project_name": {"plan_name"},
    "testing_agency": {"agency_name", "lab_name"},
}


@pytest.fixture(scope="module")
def guesses() -> list[tuple[str, Guess]]:
    """Class and guess of each heading, each heading by itself and without any values."""
    with (DATA / "spotcheck_headers" / "header_variants.csv").open(encoding="utf-8", newline="") as file:
        headings = [(row["canonical"], row["header"]) for row in csv.DictReader(file) if row["canonical"] in COLUMNS]
    among = concept_targets()
    return [(kind, match({heading: None}, among)[0]) for kind, heading in headings]


def test_three_of_four_headings_get_their_column(guesses: list[tuple[str, Guess]]) -> None:
    """Of 686 headings, misspelt and broken ones included."""
    right = sum(guess.column in COLUMNS[kind] for kind, guess in guesses)

    assert len(guesses) > 600
    assert right / len(guesses) >= 0.75


def test_what_is_proposed_is_mostly_right_and_what_is_sure_more_so(guesses: list[tuple[str, Guess]]) -> None:
    """A proposal is right in six of seven cases; one of at least 0.8 in seven of eight."""
    proposed = [(kind, guess) for kind, guess in guesses if guess.column]
    sure = [(kind, guess) for kind, guess in proposed if guess.confidence >= 0.8]

    assert sum(guess.column in COLUMNS[kind] for kind, guess in proposed) / len(proposed) >= 6 / 7
    assert len(sure) >= 0.8 * len(guesses)
    assert sum(guess.column in COLUMNS[kind] for kind, guess in sure) / len(sure) >= 7 / 8
