"""The SQL that reads and judges the rows of one delivery in one pass: from landed texts to the rules they break.

Each step is a subquery of its own (``offset 0`` keeps the planner from merging them), so no text is read twice:
received → cleaned → read → typed → computed rules → broken rules. The checked view says the same for any delivery, in
one step and more slowly; a test compares the two.
"""

import re
from collections.abc import Mapping

from psycopg import sql

from market_regulation.quality.canonical import (
    Expression,
    cleaned_text,
    joined_key,
    kind_of,
    null_words,
    read_as_typed,
    translated,
    without_null_words,
)
from market_regulation.quality.freshness import freshness_column
from market_regulation.quality.predicates import failure
from market_regulation.quality.suite import PairGreater, Rule, RuleColumn, Suite, helper_columns
from market_regulation.sources.contract import Source

# Cells that cleaning would not change are told for all columns of a kind at once, by one look at their joined texts:
# a code of visible ASCII without lower case, a date or amount of visible ASCII.
GUARDS = {
    "plain_codes": (("code",), "[^!-`{-~]"),
    "plain_values": (("date", "amount", "integer"), "[^!-~]"),
}
TYPES = {"date": sql.SQL("date"), "amount": sql.SQL("numeric")}
PLATFORM_COLUMNS = ("row_no", "business_day", "delivery_id", "submitter", "profile")

Columns = dict[str, Expression]
KnownBad = Mapping[str, tuple[str, list[str]]]


def judging_query(
    source: Source, suite: Suite, profile_name: str, known_bad: KnownBad, condition: sql.Composable
) -> sql.Composed:
    """Return the query of parsable landed rows with everything a snapshot holds. It takes no parameters.

    Args:
        source: The contract.
        suite: Its rules.
        profile_name: The delivery's profile.
        condition: Which rows of the landing table ``l``.
        known_bad: Computed rules that were decided on distinct texts: name to column and landed texts that fail.
    """
    names = needed_columns(source, suite)
    computed = [rule for rule in suite.rule_columns if rule.name not in known_bad]
    steps: list[Columns] = [
        _cleaned(source, profile_name, names) | _decided(known_bad),
        _without_null_words(source, profile_name, names),
        _read(source, profile_name, names),
        _typed(source, names),
        {"row_key": joined_key(source, "s")}
        | {rule.name: sql.SQL("({})").format(sql.SQL(rule.passes)) for rule in computed},
        {"failed": _broken(suite, warns=False), "warned": _broken(suite, warns=True)},
    ]
    query, known = _received(source, profile_name, names, condition), dict.fromkeys(PLATFORM_COLUMNS)
    for columns in steps:
        known |= dict.fromkeys(columns)
        passed_on: Columns = {name: sql.Identifier("s", name) for name in known}
        query = _select(passed_on | columns, query)
    shown: Columns = {
        name: sql.Identifier("s", name) for name in ["row_no", *shown_columns(source, suite), "failed", "warned"]
    }
    shown["key_hash"] = sql.SQL("hashtextextended(s.row_key, 0)")
    shown["row_key"] = sql.SQL("case when num_nonnulls(s.failed, s.warned) > 0 then s.row_key end")
    return _select(shown, query)


def shown_columns(source: Source, suite: Suite) -> list[str]:
    """Return the columns that Great Expectations and the check of freshness read."""
    named = dict.fromkeys([freshness_column(source)])
    for rule in suite.expectations:
        match rule:
            case RuleColumn():
                named[rule.name] = None
            case PairGreater():
                named |= dict.fromkeys([rule.column_A, rule.column_B])
            case _:
                named[rule.column] = None
    return list(named)


def _select(columns: Columns, query: sql.Composed) -> sql.Composed:
    shown = (sql.SQL("{} as {}").format(text, sql.Identifier(name)) for name, text in columns.items())
    return sql.SQL("select {} from ({} offset 0) as s").format(sql.SQL(", ").join(shown), query)


def needed_columns(source: Source, suite: Suite) -> list[str]:
    """Return the contract's columns that rules, key and freshness speak of, in the contract's order."""
    spoken = {*source.key, source.freshness.column}.union(*map(_words, suite.expectations))
    typed = {helper.removesuffix(f"_{kind}") for helper, kind in helper_columns(source).items() if helper in spoken}
    return [name for name in source.columns if name in spoken | typed]


def _words(rule: Rule) -> set[str]:
    if isinstance(rule, RuleColumn):
        return set(re.findall(r"\w+", rule.passes))
    return {rule.column_A, rule.column_B} if isinstance(rule, PairGreater) else {rule.column}


def _received(source: Source, profile_name: str, names: list[str], condition: sql.Composable) -> sql.Composed:
    """Return the landed texts and the guards."""
    profile = source.profiles[profile_name]
    landed = [name for name in names if name not in profile.constants]
    guards = [
        sql.SQL("{} as {}").format(
            sql.SQL("concat_ws('|', {}) !~ {} collate \"C\"").format(_cells(cells), sql.Literal(beyond)),
            sql.Identifier(guard),
        )
        for guard, (kinds, beyond) in GUARDS.items()
        if (cells := [name for name in landed if kind_of(source.columns[name]) in kinds])
    ]
    return sql.SQL(
        "select l.row_no, l.business_day, l.delivery_id, {}::text as submitter, {}::text as profile, {} from {} as l"
        " where l._raw is null and {}"
    ).format(
        sql.Literal(profile.submitter),
        sql.Literal(profile_name),
        sql.SQL(", ").join([_cells(landed), *guards]),
        sql.Identifier("landing", source.source),
        condition,
    )


def _cells(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("l", name) for name in names)


def _cleaned(source: Source, profile_name: str, names: list[str]) -> Columns:
    guards = {kind: sql.Identifier("s", guard) for guard, (kinds, _) in GUARDS.items() for kind in kinds}
    return {
        name: cleaned_text(source, name, profile_name, "s", guards.get(kind_of(source.columns[name]))) for name in names
    }


def _decided(known_bad: KnownBad) -> Columns:
    return {
        rule: sql.SQL("({} = any({}::text[])) is not true").format(sql.Identifier("s", column), sql.Literal(texts))
        for rule, (column, texts) in known_bad.items()
    }


def _without_null_words(source: Source, profile_name: str, names: list[str]) -> Columns:
    """Null words are short, so the length alone spares most cells the comparisons."""
    columns: Columns = {}
    for name in names:
        if words := null_words(source, name, profile_name):
            cell = sql.Identifier("s", name)
            columns[name] = sql.SQL("case when octet_length({0}) <= {1} then {2} else {0} end").format(
                cell,
                sql.Literal(max(len(word.encode()) for word in words)),
                without_null_words(source, name, profile_name, cell),
            )
    return columns


def _read(source: Source, profile_name: str, names: list[str]) -> Columns:
    """Words are translated; what a date or amount reads as stands in a helper column, typed by the next step."""
    columns: Columns = {}
    for name in names:
        cell = sql.Identifier("s", name)
        if typed := read_as_typed(source, name, profile_name, cell):
            columns[_helper(source, name)] = typed
        columns[name] = translated(source, name, profile_name, cell)
    return columns


def _typed(source: Source, names: list[str]) -> Columns:
    columns: Columns = {}
    for name in names:
        if kind := TYPES.get(source.columns[name].type):
            helper = sql.Identifier("s", _helper(source, name))
            columns[name] = sql.SQL("coalesce({}, {})").format(helper, sql.Identifier("s", name))
            columns[_helper(source, name)] = sql.SQL("{}::{}").format(helper, kind)
    return columns


def _helper(source: Source, name: str) -> str:
    return f"{name}_{source.columns[name].type}"


def _broken(suite: Suite, *, warns: bool) -> Expression:
    """Return the ids of the broken rules that only warn, or of the others, as an array; null when there is none."""
    rules = [(rule, failure(rule, "s")) for rule in suite.expectations if (rule.meta.action == "warn") == warns]
    if not rules:
        return sql.SQL("null::text[]")
    ids = sql.SQL(", ").join(
        sql.SQL("case when {} then {} end").format(condition, sql.Literal(rule.meta.rule_id))
        for rule, condition in rules
    )
    return sql.SQL("case when {} then array_remove(array[{}]::text[], null) end").format(
        sql.SQL(" or ").join(condition for _, condition in rules), ids
    )
