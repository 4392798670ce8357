"""What the values of a column say about it: dates, codes with their check digits, amounts, words, gaps."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stdnum.cn import ric

from market_regulation.database.regions import regions
from market_regulation.identifiers import is_device_code, is_uscc

NULL_WORDS = frozenset(
    (
        *("/", "//", "\\", "-", "--", "---", "—", "——", "－", "…", "*", "**", "***", "N/A", "n/a", "#N/A", "NA"),
        *("无", "暂无", "不详", "nil", "null", "NULL", "Null", "none", "None", "nan", "NaN"),
    )
)
LONGEST_NUMBER = 200  # characters; what is longer is no number, and costly to search for one
MOST_WORDS = 40  # a column with more different words is no column of code words
_CLOCK = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_MONTH, _DAY = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_YEAR = "(?:19|20)[0-9]{2}"
DATES = {
    "YYYY-MM-DD": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_CLOCK}"),
    "YYYY/MM/DD": re.compile(f"{_YEAR}/{_MONTH}/{_DAY}{_CLOCK}"),
    "YYYY.MM.DD": re.compile(rf"{_YEAR}\.{_MONTH}\.{_DAY}{_CLOCK}"),
    "YYYY年MM月DD日": re.compile(f"{_YEAR}年{_MONTH}月{_DAY}日{_CLOCK}"),
    "YYYYMMDD": re.compile(f"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]){_CLOCK}"),
    "DD-MM-YYYY": re.compile(f"(?:0[1-9]|[12][0-9]|3[01])-(?:0[1-9]|1[0-2])-{_YEAR}{_CLOCK}"),
    "EXCEL": re.compile(r"[34][0-9]{4}(?:\.0+)?"),
}
_AMOUNT = re.compile(r"-?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,6})?(万元|元)?")
_CERTIFICATE = re.compile(r"(?:19|20)[0-9]{4}(?:0[1-9]|1[0-9]|2[0-6])[0-9]{8}(?:\([A-Z0-9]{1,4}\))?")
_DOCUMENT_NO = re.compile(r".*[〔【\[(](?:19|20)[0-9]{2}[〕】\])].*[0-9]号?")
_IDENTITY = re.compile(rf"[1-9][0-9]{{5}}{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}}[0-9X]")
_PHONE = re.compile(r"(?:\+?86-?)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    return frozenset(code for code, *_ in regions())


def date_format(value: str) -> str | None:
    """Return the name of the date format that ``value`` (half width) is written in, a time of day aside."""
    return next((name for name, form in DATES.items() if form.fullmatch(value)), None)


def _is_identity(code: str) -> bool:
    """Tell whether ``code`` is a 公民身份号码: shape, day of birth and check character (GB 11643)."""
    return bool(_IDENTITY.fullmatch(code)) and ric.calc_check_digit(code) == code[-1]


KINDS: dict[str, Callable[[str], object]] = {
    "date": date_format,
    "uscc": is_uscc,
    "device": is_device_code,
    "certificate": _CERTIFICATE.fullmatch,
    "region": lambda code: code in _regions(),
    "document_no": lambda code: len(code) <= LONGEST_NUMBER and _DOCUMENT_NO.fullmatch(code),
    "amount": _AMOUNT.fullmatch,
    "identity": _is_identity,
    "phone": _PHONE.fullmatch,
}


@dataclass(frozen=True)
class Evidence:
    """What was found in one column.

    Attributes:
        rows: Rows inspected.
        filled: Rows with a value, null words aside.
        different: Different values.
        kinds: For each kind of ``KINDS`` the share (0 to 1) of filled rows whose value is one.
        dates: Rows per date format.
        units: Rows whose amount names 元 or 万元, per unit.
        null_words: Rows per null word.
        words: The words and their rows, where they are few and repeat themselves; empty otherwise.
        longest: Characters of the longest value.
    """

    rows: int
    filled: int
    different: int
    kinds: dict[str, float]
    dates: Counter[str]
    units: Counter[str]
    null_words: Counter[str]
    words: Counter[str]
    longest: int

    @property
    def unique(self) -> bool:
        """Every row has a value and no two the same."""
        return 0 < self.rows == self.filled == self.different

    @property
    def personal(self) -> str | None:
        """``identity`` or ``phone`` where at least a third of the values is one."""
        return next((kind for kind in ("identity", "phone") if self.kinds.get(kind, 0) > 1 / 3), None)


def evidence(values: Sequence[str | None]) -> Evidence:
    """Inspect the values of one column; each different value is looked at once."""
    counted = Counter((value or "").strip() for value in values)
    nulls = Counter({word: counted.pop(word) for word in list(counted) if word in NULL_WORDS})
    counted.pop("", None)
    kinds: Counter[str] = Counter()
    dates: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for value, count in counted.items():
        read = unicodedata.normalize("NFKC", value)
        code = "".join(read.split()).upper()
        found = [name for name, fits in KINDS.items() if fits(read if name in ("date", "amount") else code)]
        kinds.update(dict.fromkeys(found, count))
        if "date" in found:
            dates[date_format(read) or ""] += count
        if "amount" in found and (amount := _AMOUNT.fullmatch(read)) and amount[1]:
            units[amount[1]] += count
    filled = counted.total()
    repeats = len(counted) <= MOST_WORDS and filled >= 2 * len(counted)
    return Evidence(
        rows=len(values),
        filled=filled,
        different=len(counted),
        kinds={name: count / filled for name, count in kinds.items()},
        dates=dates,
        units=units,
        null_words=nulls,
        words=counted if repeats else Counter(),
        longest=max(map(len, counted), default=0),
    )
