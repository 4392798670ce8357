"""How a landed text becomes its canonical text: one SQL expression per column, differing by profile where it must.

Landing keeps what was received; these expressions are the one reading of it, used by the checked and the accepted
view alike, so mending a profile's look-up changes no landed row.
"""

import unicodedata
from collections.abc import Callable, Sequence

from psycopg import sql

from market_regulation.sources.contract import Column, Source
from market_regulation.sources.profile import Profile

Expression = sql.Composable


def key_kinds(source: Source) -> list[str]:
    """Return how each key column is read: its type, its normalisation, or ``optional`` where it may be empty."""
    columns = [source.columns[name] for name in source.key]
    return ["optional" if column.optional else column.normalise or column.type for column in columns]


def key_expression(source: Source, table: str) -> Expression:
    """Return the key of a landed row as text joined by ``|``: the very expression that landing.ensure_table indexes."""
    formats = _text_array(sorted({form for profile in source.profiles.values() for form in profile.dates}))
    parts: list[Expression] = []
    for name, kind in zip(source.key, key_kinds(source), strict=True):
        value = sql.Identifier(table, name)
        if kind == "optional":
            parts.append(sql.SQL("coalesce({}, '')").format(_cleaned("text", value)))
        else:
            parts.append(_with_formats(value, formats) if kind == "date" else _cleaned(kind, value))
    return sql.SQL(" || '|' || ").join(parts)


def canonical_column(source: Source, name: str, table: str, profile_column: Expression) -> Expression:
    """Return the canonical text of column ``name`` of ``table``; ``profile_column`` tells the row's profile."""
    column = source.columns[name]
    by_profile = {key: _canonical(column, name, profile, table) for key, profile in source.profiles.items()}
    texts = {expression.as_string(None) for expression in by_profile.values()}
    if len(texts) == 1:
        return next(iter(by_profile.values()))
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(key), expression) for key, expression in by_profile.items()
    )
    return sql.SQL("case {} {} end").format(profile_column, cases)


def _canonical(column: Column, name: str, profile: Profile, table: str) -> Expression:
    value: Expression = sql.Identifier(table, name)
    if name in profile.constants:
        value = sql.SQL("{}::text").format(sql.Literal(profile.constants[name]))
    kind = column.normalise or column.type
    value = _without_null_words(_cleaned(kind, value), kind, profile.null_words)
    if kind == "date":
        value = sql.SQL("coalesce(quality.iso_date({0}, {1}), {0})").format(value, _text_array(profile.dates))
    elif kind == "amount":
        unit = sql.Literal(profile.units.get(name, "元"))
        value = sql.SQL("coalesce(quality.yuan({0}, {1}), {0})").format(value, unit)
    return _translated(value, profile.lookups.get(name, {}))


CLEANING = {
    "code": "clean_code",
    "document_no": "document_no",
    "date": "half_width",
    "amount": "half_width",
    "integer": "half_width",
}


def _cleaned(kind: str, value: Expression) -> Expression:
    function = sql.Identifier("quality", CLEANING.get(kind, "clean_text"))
    return sql.SQL("{}({})").format(function, value)


def _with_formats(value: Expression, formats: Expression) -> Expression:
    cleaned = _cleaned("date", value)
    return sql.SQL("coalesce(quality.iso_date({0}, {1}), {0})").format(cleaned, formats)


def _without_null_words(value: Expression, kind: str, words: list[str]) -> Expression:
    """A null word is read as the column is: in a code, ``n/a`` is ``N/A``."""
    read: Callable[[str], str] = str.strip
    if kind in ("code", "document_no"):
        read = _as_code
    elif kind in CLEANING:
        read = _as_half_width
    for word in dict.fromkeys(map(read, words)):
        value = sql.SQL("nullif({}, {})").format(value, sql.Literal(word))
    return value


def _as_code(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split()).upper()


def _as_half_width(word: str) -> str:
    return unicodedata.normalize("NFKC", word.strip())


def _translated(value: Expression, words: dict[str, str]) -> Expression:
    if not words:
        return value
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(word), sql.Literal(ours)) for word, ours in words.items()
    )
    return sql.SQL("case {0} {1} else {0} end").format(value, cases)


def _text_array(words: Sequence[str]) -> Expression:
    return sql.SQL("array[{}]::text[]").format(sql.SQL(", ").join(map(sql.Literal, words)))
