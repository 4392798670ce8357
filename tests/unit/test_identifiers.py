"""Check characters: the test vectors of GB 32100-2015 and GB 11714, and that no slip of one character goes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_regulation.identifiers import (
    USCC_ALPHABET,
    is_device_code,
    is_organisation_code,
    is_uscc,
    make_organisation_code,
    make_uscc,
)

VALID = [
    "91110000600037341L",
    "91350100M000100Y43",
    "91440300708461136T",
    "9144030071526726XG",
    "91110108551385082Q",
    "91330100799655058B",
    "91330000755918469E",
    "914403001922038216",
    "91370200163562681G",
    "11230500001755309F",
    "91230500MA1B3N1N2M",
    "11420000MB15291767",
    "911101085923662400",  # weighted sum is a multiple of 31
    "91330106MA2AT5T14P",
    "92510104MA6TE5T331",
]
INVALID = [
    "91350100M000100Y4Z",  # Z is not in the alphabet
    "91310115MA1H8R7C6D",
    "91440300279349278Y",
    "91110000100000489K",
    "911101085923662OO0",  # letters O for zeros
    "91110108592366240",
    "9111010859236624000",
    "9111O1085923662400",
    "",
]
# letters I, O, S, V, Z are left out of the alphabet; positions 3 to 8 are digits
bodies = st.builds(
    "{}{}{}".format,
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", VALID)
def test_a_valid_code_is_accepted_and_made_from_its_body(code: str) -> None:
    assert is_uscc(code)
    assert make_uscc(code[:17]) == code


@pytest.mark.parametrize("code", INVALID)
def test_an_invalid_code_is_refused(code: str) -> None:
    assert not is_uscc(code)


@given(body=bodies, place=st.integers(0, 17), symbol=st.sampled_from(USCC_ALPHABET))
def test_every_substitution_of_one_character_is_detected(body: str, place: int, symbol: str) -> None:
    code = make_uscc(body)
    changed = code[:place] + symbol + code[place + 1 :]
    assert is_uscc(changed) == (changed == code)


def test_the_prefix_y1_of_other_bodies_is_accepted() -> None:
    assert is_uscc(make_uscc("Y1310115MA1TE5T42"))


@pytest.mark.parametrize("body", ["9131011SMA1TE5T42", "91310115MA1TE5T4", "91310115MA1TE5T4I", ""])
def test_no_code_is_made_of_a_body_of_the_wrong_shape(body: str) -> None:
    with pytest.raises(ValueError, match="first 17 characters"):
        make_uscc(body)


@pytest.mark.parametrize("code", ["D2143569X", "600037341", "71526726X", "M000100Y4", "592366240"])
def test_organisation_codes_of_the_standard_are_valid(code: str) -> None:
    assert make_organisation_code(code[:8]) == code
    assert is_organisation_code(code)


@pytest.mark.parametrize("code", ["D21435690", "600037342", "60003734", "6000373411", "60003734-1", "MA1H8R7C7"])
def test_a_wrong_organisation_code_is_refused(code: str) -> None:
    assert not is_organisation_code(code)


@pytest.mark.parametrize("body", ["D214356", "D2143-69", "d2143569"])
def test_no_organisation_code_is_made_of_a_body_of_the_wrong_shape(body: str) -> None:
    with pytest.raises(ValueError, match="first eight characters"):
        make_organisation_code(body)


@pytest.mark.parametrize(
    "code", ["311010123202400001", "31101012320240000A", "31106401052014080025", "F22031001201900012"]
)
def test_device_and_registration_codes_are_told_by_their_shape(code: str) -> None:
    assert is_device_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "31101012320240000",  # 17 characters
        "311110123202400001",  # the fourth character of the kind is always 0
        "311010123180000001",  # no such year
        "31106401052014130025",  # no such month
        "3110640105201408002A",
    ],
)
def test_what_has_not_the_shape_of_a_device_code_is_refused(code: str) -> None:
    assert not is_device_code(code)
