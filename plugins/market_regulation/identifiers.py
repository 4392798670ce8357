"""Check characters of the identifiers that the streams carry: makers and validators.

The row rules themselves are SQL (``quality.is_uscc`` and friends); the tests hold those functions against this
module, and the sandbox makes its codes with it. Codes are expected clean: NFKC, upper case, no blanks.
"""

import re

from stdnum.cn import uscc

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_USCC = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_YEAR = "(?:19|20)[0-9]{2}"
_DEVICE_CODE = re.compile(rf"[1-9F][0-9A-Z]{{2}}0[0-9]{{5}}{_YEAR}[0-9A-Z]{{5}}")
_REGISTRATION_CODE = re.compile(rf"[1-9F][0-9A-Z]{{2}}0[0-9]{{6}}{_YEAR}(?:0[1-9]|1[0-2])[0-9]{{4}}")


def make_uscc(body: str) -> str:
    """Append the check character to the first 17 characters of a 统一社会信用代码 (GB 32100-2015).

    Raises:
        ValueError: ``body`` is not 17 characters of the right shape.
    """
    code = body + str(uscc.calc_check_digit(body)) if len(body) == 17 and set(body) <= set(USCC_ALPHABET) else ""
    if not _USCC.fullmatch(code):
        raise ValueError(f"not the first 17 characters of a USCC: {body!r}")
    return code


def is_uscc(code: str) -> bool:
    """Tell whether ``code`` is a 统一社会信用代码: shape and check character (GB 32100-2015), any prefix."""
    return bool(_USCC.fullmatch(code)) and code[-1] == uscc.calc_check_digit(code[:17])


def make_organisation_code(body: str) -> str:
    """Append the check character to the eight characters of a 组织机构代码 (GB 11714), written without hyphen.

    Raises:
        ValueError: ``body`` is not eight characters 0-9, A-Z.
    """
    if len(body) != 8 or not set(body) <= set(_ORGANISATION_ALPHABET):
        raise ValueError(f"not the first eight characters of an organisation code: {body!r}")
    total = sum(_ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def is_organisation_code(code: str) -> bool:
    """Tell whether ``code`` is a 组织机构代码 (GB 11714) without hyphen, by shape and check character."""
    return bool(_ORGANISATION.fullmatch(code)) and make_organisation_code(code[:8]) == code


def is_device_code(code: str) -> bool:
    """Tell whether ``code`` has the shape of a 设备代码 (18 characters) or of a legacy 注册代码 (20 digits).

    Neither has a check character; the shape holds the 品种 of the catalogue, a year and, in the legacy code, a month.
    """
    return bool(_DEVICE_CODE.fullmatch(code) or _REGISTRATION_CODE.fullmatch(code))
