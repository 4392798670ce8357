"""Which heading is which column."""

import pytest

from market_regulation.sources.catalog import load_sources
from market_regulation.sources.contract import Source
from market_regulation.sources.profiling.headings import bare, column_name, facet, parts, plain
from market_regulation.sources.profiling.matching import Guess, concept_targets, match, targets
from market_regulation.sources.profiling.values import Evidence, evidence
from market_regulation.sources.profiling.vocabulary import vocabulary

USCC = ["91330106MA2AT5T14P", "91440304MA5TE5T23W"]


@pytest.fixture(scope="module")
def contracts() -> dict[str, Source]:
    return {source.source: source for source in load_sources()}


def guess(source: Source, others: list[Source], **columns: list[str] | None) -> dict[str, Guess]:
    held: dict[str, Evidence | None] = {h: evidence(v) if v else None for h, v in columns.items()}
    return {found.heading: found for found in match(held, targets(source, others))}


def test_headings_are_compared_without_blanks_width_and_decoration() -> None:
    """Line breaks, U+3000, full width, stars and the .1 of a repeated column."""
    assert plain("生产\r\n日期\u3000*") == plain("生产日期") == plain("生产日期.1")
    assert bare("标称生产企业名称（供货商）") == "生产企业名称"
    assert parts("生产日期/批号") == ["生产日期", "批号"]
    assert facet("被抽样单位地址") == "address"


@pytest.mark.parametrize(
    ("heading", "name"), [("certNo", "cert_no"), ("CF_WSH", "cf_wsh"), ("文号", None), ("1", None)]
)
def test_ascii_headings_become_column_names(heading: str, name: str | None) -> None:
    """Only headings in ASCII letters do."""
    assert column_name(heading) == name


def test_the_title_and_every_known_heading_of_the_contract_are_certain(contracts: dict[str, Source]) -> None:
    """Whatever one profile of a contract is headed with is known in the next."""
    source = contracts["agency_inspections"]
    found = guess(source, [], 报告书编号=None, 下检日期=None, 检验机构统一社会信用代码=None)

    assert {h: (g.column, g.confidence) for h, g in found.items()} == {
        "报告书编号": ("report_no", 1.0),
        "下检日期": ("next_due_on", 1.0),
        "检验机构统一社会信用代码": ("agency_uscc", 1.0),
    }


def test_words_of_the_field_are_known_without_any_profile(contracts: dict[str, Source]) -> None:
    """Headings that no contract uses, by the vocabulary."""
    found = guess(contracts["agency_inspections"], [], 下次定检日期=None, 设备注册代码=None, 承检机构=None)

    assert [g.column for g in found.values()] == ["next_due_on", "device_code", "agency_name"]
    assert all(g.confidence >= 0.85 for g in found.values())


def test_a_similar_heading_is_a_guess_of_less_confidence(contracts: dict[str, Source]) -> None:
    """Similar text is worth less than a known heading."""
    found = guess(contracts["agency_inspections"], [], 检验结论意见=None)

    assert found["检验结论意见"].column == "conclusion"
    assert 0.5 <= found["检验结论意见"].confidence < 0.8


def test_an_address_is_never_the_name_of_the_same_thing(contracts: dict[str, Source]) -> None:
    """使用单位地址 differs from 使用单位 by two characters and by what it is."""
    assert guess(contracts["agency_inspections"], [], 使用单位地址=None)["使用单位地址"].column is None


def test_values_name_a_column_whose_heading_says_nothing(contracts: dict[str, Source]) -> None:
    """The 20 digits of a device code under the heading 名称, as a real export has them."""
    codes = ["31103101152020100003", "34303101152020100106"]
    found = guess(contracts["agency_inspections"], [], 名称=codes)

    assert (found["名称"].column, found["名称"].reason) == ("device_code", "the values")


def test_values_of_another_kind_lower_the_confidence(contracts: dict[str, Source]) -> None:
    """A date column without dates is doubtful; the draft says so."""
    found = guess(contracts["agency_inspections"], [], 检验日期=["合格", "不合格"])

    assert found["检验日期"].confidence <= 0.6
    assert "0% of the values" in found["检验日期"].reason


def test_a_column_goes_to_the_heading_that_is_surer(contracts: dict[str, Source]) -> None:
    """Two headings for one column: the exact one has it."""
    found = guess(contracts["agency_inspections"], [], 检验结论=None, 检验结论意见=None)

    assert found["检验结论"].column == "conclusion"
    assert found["检验结论意见"].column != "conclusion"


def test_a_heading_that_joins_two_columns_names_both(contracts: dict[str, Source]) -> None:
    """生产日期/批号 holds both; the draft proposes a list and splits."""
    found = guess(contracts["samr_spot_checks"], [], **{"生产日期/批号": None})["生产日期/批号"]

    assert (found.column, found.also) == ("produced_on", ["batch_no"])


def test_a_heading_under_another_is_told_by_its_own_part() -> None:
    """使用单位 over 名称 and 电话 in a merged heading: the group names one column, the part below it the other."""
    found = match({"使用单位/名称": None, "使用单位/电话": evidence(["13800138000"])}, concept_targets())

    assert [guess.column for guess in found] == ["user_unit_name", "contact_phone"]


def test_headings_of_other_contracts_help(contracts: dict[str, Source]) -> None:
    """A column of the same name in another contract lends its headings."""
    validity, certificates = contracts["cnca_validity_checks"], contracts["cnca_certificates"]
    without = guess(validity, [], 发证机构=None)["发证机构"]
    with_other = guess(validity, [certificates], 发证机构=None)["发证机构"]

    assert with_other.column == "body_name"
    assert with_other.confidence == 0.95
    assert without.confidence < 0.95


def test_every_concept_is_found_by_its_own_title() -> None:
    """A title that leads to another concept would never be proposed."""
    shared = [c.title for c in vocabulary().values()]
    for name, concept in vocabulary().items():
        if shared.count(concept.title) == 1:
            [found] = match({concept.title: None}, concept_targets())
            assert found.column, name
            assert found.confidence >= 0.9


def test_a_second_template_of_a_contract_is_mapped_without_its_profile(contracts: dict[str, Source]) -> None:
    """The headings of one institute, known only from the other institute's profile, titles and words."""
    source = contracts["agency_inspections"]
    truth = source.profiles["jiangsu_institute"].headers
    alone = source.model_copy(update={"profiles": {"shanghai_institute": source.profiles["shanghai_institute"]}})

    found = match(dict.fromkeys(truth), targets(alone, []))
    right = [guess.heading for guess in found if guess.column == truth[guess.heading]]

    assert {guess.heading for guess in found} - set(right) <= {"信用代码"}
