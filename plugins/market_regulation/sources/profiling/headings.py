"""Headings in a form in which they can be compared, and how alike two of them are."""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

from market_regulation.sources.headings import same_heading

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|\(.*$")
_DECORATION = re.compile(r"^[*★#:、.]+|[*★#:、.]+$|\.[0-9]$")
ALIKE = 0.7  # likeness below which two headings have nothing to do with each other
_NOMINAL = re.compile(r"标称|标示|标识|标注|声称")
_SEPARATORS = re.compile(r"[/║‖∥|∣、;,+]|或|及|和")
_PERSON = re.compile(
    "姓名|联系人|负责人|法人代表|法定代表|人员|[检验查测抽样审批填编制管理]员|经办|承办人|填报人|审核人|批准人|编制人|检验人|抽样人"
    "|身份证|证件号|电话|手机|住址|家庭|person|phone|mobile|id_?card|contact"
)
# What a heading is about, told by its end or by a word in it; the first that fits counts.
_FACETS = (
    ("count", re.compile(r"数量$|基数$|批数$|抽样量$")),
    ("phone", re.compile(r"电话|手机|联系方式")),
    ("province", re.compile(r"省份|所在省|所属省|省市|^省$|省$")),
    ("address", re.compile(r"地址|所在地|住所|住址|地点$|场所$|产地|^址$")),
    ("date", re.compile(r"日期|时间$|年月日|有效期|日$|(_on|_at|date)$")),
    ("amount", re.compile(r"金额|价格|资金|资本|amount")),
    ("code", re.compile(r"代码|编号|号码|[证文单告案]号$|书号$|(_no|_code|uscc)$")),
    ("outcome", re.compile(r"结论|判定|结果$|是否合格")),
    ("kind", re.compile(r"种类|类别|类型|分类|大类|亚类|细类|品种")),
)


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """Return the heading in half width and lower case, without blanks, stars and the ``.1`` of a repeated one."""
    text = same_heading(heading).lower()
    return _DECORATION.sub("", text) or text


@lru_cache(maxsize=4096)
def bare(heading: str) -> str:
    """Return the plain heading without what stands in brackets and without 标称, 标示, 标识."""
    text = plain(heading)
    stripped = _NOMINAL.sub("", _BRACKETED.sub("", text).strip("()"))
    return stripped or text


def parts(heading: str) -> list[str]:
    """Return the headings joined in one, such as 生产日期/批号, bare; one element where nothing is joined."""
    pieces = [bare(piece) for piece in _SEPARATORS.split(plain(heading).replace("(", "/").replace(")", ""))]
    return [piece for piece in pieces if len(piece) > 1] or [bare(heading)]


def names_person(heading: str) -> bool:
    """Tell whether the heading announces a person, a telephone or an identity document; better once too often."""
    return bool(_PERSON.search(plain(heading)))


@lru_cache(maxsize=4096)
def facet(heading: str) -> str | None:
    """Return what kind of thing the heading names: date, address, code, …; None where its words do not tell."""
    text = bare(heading)
    return next((name for name, sign in _FACETS if sign.search(text)), None)


def likeness(one: str, other: str) -> float:
    """Return how alike two bare headings are, 0 to 1; 0 where they share little, half for different kinds of things."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    kinds = {facet(one), facet(other)}
    return ratio if len(kinds) == 1 or (None in kinds and ratio > 0.8) else ratio / 2


def column_name(heading: str) -> str | None:
    """Return the heading as a column name if it is written in ASCII letters (``certNo`` → ``cert_no``), else None."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", unicodedata.normalize("NFKC", heading).strip())
    name = words.strip("_").lower()[:50]
    return name if heading.isascii() and re.fullmatch(r"[a-z][a-z0-9_]*", name) else None
