"""How a landed text becomes its canonical text: one SQL expression per column and profile.

Landing keeps what was received; these expressions are the one reading of it, used by the views and by the check
alike, so mending a profile's look-up changes no landed row.
"""

import unicodedata
from collections.abc import Callable, Sequence

from psycopg import sql

from market_regulation.sources.contract import Column, Source
from market_regulation.sources.profile import Profile

Expression = sql.Composable

CLEANING = {
    "code": "clean_code",
    "document_no": "document_no",
    "date": "half_width",
    "amount": "half_width",
    "integer": "half_width",
}


def canonical_column(source: Source, name: str, table: str, profile_column: Expression) -> Expression:
    """Return the canonical text of column ``name`` of ``table``; ``profile_column`` tells the row's profile."""
    by_profile = {key: canonical_text(source, name, key, table) for key in source.profiles}
    texts = {expression.as_string(None) for expression in by_profile.values()}
    if len(texts) == 1:
        return next(iter(by_profile.values()))
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(key), expression) for key, expression in by_profile.items()
    )
    return sql.SQL("case {} {} end").format(profile_column, cases)


def canonical_text(source: Source, name: str, profile_name: str, table: str) -> Expression:
    """Return the canonical text of column ``name`` of ``table``, whose rows came under one profile."""
    value = without_null_words(source, name, profile_name, cleaned_text(source, name, profile_name, table))
    if read := read_as_typed(source, name, profile_name, value):
        value = sql.SQL("coalesce({}, {})").format(read, value)
    return translated(source, name, profile_name, value)


def cleaned_text(source: Source, name: str, profile_name: str, table: str) -> Expression:
    """Return the cell of a landed ``table`` without blanks around it, in its column's width and case; blank is null.

    A cell that does not fit the column's split stays whole, for the column's rules to see, unless another column that
    shares it takes all of it.
    """
    profile, kind = source.profiles[profile_name], kind_of(source.columns[name])
    if name in profile.constants:
        return _cleaned(kind, sql.SQL("{}::text").format(sql.Literal(profile.constants[name])))
    cell = sql.Identifier(table, name)
    if split := profile.splits.get(name):
        return _cleaned(kind, _part(profile, name, _cleaned("text", cell), split))
    return _cleaned(kind, cell)


def _part(profile: Profile, name: str, whole: Expression, split: str) -> Expression:
    """Return the part of a cell that belongs to a column, else the cell, unless others that share it leave nothing."""
    rest = whole
    for other in profile.sharing(name):
        left = sql.SQL("regexp_replace({}, {}, '')").format(whole, sql.Literal(profile.splits.get(other, ".*")))
        rest = sql.SQL("case when {} <> '' then {} end").format(left, rest)
    return sql.SQL("coalesce(substring({} from {}), {})").format(whole, sql.Literal(split), rest)


def without_null_words(source: Source, name: str, profile_name: str, value: Expression) -> Expression:
    """Return null for the words that mean nothing. A null word is read as its column is: in a code, n/a is N/A."""
    for word in null_words(source, name, profile_name):
        value = sql.SQL("nullif({}, {})").format(value, sql.Literal(word))
    return value


def null_words(source: Source, name: str, profile_name: str) -> list[str]:
    """Return the profile's null words as a cell of the column would read."""
    kind = kind_of(source.columns[name])
    read: Callable[[str], str] = str.strip
    if kind in ("code", "document_no"):
        read = _as_code
    elif kind in CLEANING:
        read = _as_half_width
    return list(dict.fromkeys(map(read, source.profiles[profile_name].null_words)))


def read_as_typed(source: Source, name: str, profile_name: str, value: Expression) -> Expression | None:
    """Return a date in ISO or an amount in 元 as text, null where the value is neither; None for other columns."""
    profile = source.profiles[profile_name]
    match kind_of(source.columns[name]):
        case "date":
            return sql.SQL("quality.day_text({}, {})").format(value, _text_array(profile.dates))
        case "amount":
            return sql.SQL("quality.yuan_text({}, {})").format(value, sql.Literal(profile.units.get(name, "元")))
    return None


def translated(source: Source, name: str, profile_name: str, value: Expression) -> Expression:
    """Return our word for the submitter's, and any other text as it is."""
    words = source.profiles[profile_name].lookups.get(name, {})
    if not words:
        return value
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(word), sql.Literal(ours)) for word, ours in words.items()
    )
    return sql.SQL("case {0} {1} else {0} end").format(value, cases)


def kind_of(column: Column) -> str:
    """Return how a column is cleaned: its normalisation where it has one, else its type."""
    return column.normalise or column.type


def joined_key(source: Source, table: str) -> Expression:
    """Return the key of a row of canonical texts joined by ``|``; null when a column that must be there is missing."""
    parts = [
        sql.SQL("coalesce({}, '')" if source.columns[name].optional else "{}").format(sql.Identifier(table, name))
        for name in source.key
    ]
    return sql.SQL(" || '|' || ").join(parts)


def _cleaned(kind: str, value: Expression) -> Expression:
    return sql.SQL("{}({})").format(sql.Identifier("quality", CLEANING.get(kind, "clean_text")), value)


def _as_code(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split()).upper()


def _as_half_width(word: str) -> str:
    return unicodedata.normalize("NFKC", word.strip())


def _text_array(words: Sequence[str]) -> Expression:
    return sql.SQL("array[{}]::text[]").format(sql.SQL(", ").join(map(sql.Literal, words)))
