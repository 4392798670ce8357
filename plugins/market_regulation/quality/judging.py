"""The SQL that reads and judges the rows of one delivery in one pass: from landed texts to the rules they break.

Each step is a subquery of its own (``offset 0`` keeps the planner from merging them), so no text is read twice:
landed → cleaned → read → typed → computed rules → broken rules. Columns whose texts were gathered (``distinct_texts``)
come read and judged from their table. The checked view says the same for any delivery, in one step and more slowly; a
test compares the two.
"""

import re
from collections.abc import Iterator

from psycopg import sql

from market_regulation.quality.canonical import (
    Expression,
    cleaned_text,
    joined_key,
    read_as_typed,
    translated,
    without_null_words,
)
from market_regulation.quality.distinct_texts import DistinctTexts, Texts
from market_regulation.quality.freshness import freshness_column
from market_regulation.quality.landed_rows import PLATFORM_COLUMNS
from market_regulation.quality.predicates import failure
from market_regulation.quality.suite import PairGreater, Rule, RuleColumn, Suite, helper_columns
from market_regulation.sources.contract import Source

TYPES = {"date": sql.SQL("date"), "amount": sql.SQL("numeric")}

Columns = dict[str, Expression]


def judging_query(
    source: Source, suite: Suite, profile_name: str, texts: DistinctTexts | None, rows: sql.Composable
) -> sql.Composed:
    """Return the query of parsable landed rows with everything a snapshot holds. It takes no parameters.

    Args:
        source: The contract.
        suite: Its rules.
        profile_name: The delivery's profile.
        texts: Columns whose texts were gathered.
        rows: The landed rows ``l``, as the part of a query from ``from`` on.
    """
    gathered = {} if texts is None else dict(texts.columns)
    decided = {rule for column in gathered.values() for rule in column.broken}
    names = [name for name in needed_columns(source, suite) if name not in gathered]
    computed = [rule for rule in suite.rule_columns if rule.meta.rule_id not in decided]
    steps: list[Columns] = [
        _read(source, profile_name, names),
        _typed(source, names),
        {"row_key": joined_key(source, "s")}
        | {rule.name: sql.SQL("({})").format(sql.SQL(rule.passes)) for rule in computed},
        {"failed": _broken(suite, decided, warns=False), "warned": _broken(suite, decided, warns=True)},
    ]
    known = _platform_columns(source, profile_name) | _cleaned(source, profile_name, names)
    for alias, (name, column) in _joined(gathered):
        known |= _gathered(source, suite, name, column, alias)
    query = _landed(known, texts, gathered, rows)
    for columns in steps:
        passed_on: Columns = {name: sql.Identifier("s", name) for name in known}
        known |= columns
        query = _select(passed_on | columns, query)
    texts_last = sorted(shown_columns(source, suite), key=lambda name: name in source.columns)
    shown: Columns = {  # what every pass reads stands before what is wide
        "row_no": sql.Identifier("s", "row_no"),
        "key_hash": sql.SQL("hashtextextended(s.row_key, 0)"),
        "failed": sql.Identifier("s", "failed"),
        "warned": sql.Identifier("s", "warned"),
        "row_key": sql.SQL("case when num_nonnulls(s.failed, s.warned) > 0 then s.row_key end"),
    } | {name: sql.Identifier("s", name) for name in texts_last}
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


def needed_columns(source: Source, suite: Suite) -> list[str]:
    """Return the contract's columns that rules, key and freshness speak of, in the contract's order."""
    spoken = {*source.key, source.freshness.column}.union(*map(_words, suite.expectations))
    typed = {helper.removesuffix(f"_{kind}") for helper, kind in helper_columns(source).items() if helper in spoken}
    return [name for name in source.columns if name in spoken | typed]


def _words(rule: Rule) -> set[str]:
    if isinstance(rule, RuleColumn):
        return set(re.findall(r"\w+", rule.passes))
    return {rule.column_A, rule.column_B} if isinstance(rule, PairGreater) else {rule.column}


def _select(columns: Columns, query: sql.Composed) -> sql.Composed:
    return sql.SQL("select {} from ({} offset 0) as s").format(_listed(columns), query)


def _listed(columns: Columns) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{} as {}").format(text, sql.Identifier(name)) for name, text in columns.items())


def _landed(
    known: Columns, texts: DistinctTexts | None, gathered: dict[str, Texts], rows: sql.Composable
) -> sql.Composed:
    """Return the landed rows with their texts cleaned, joined with the gathered texts that need it."""
    query = sql.SQL("select l.* {} and l._raw is null").format(rows)
    joins = [
        sql.SQL(" left join {} as {} on {}.of_column = {} and {}.received = l.{}").format(
            sql.Identifier("quality", texts.table), alias, alias, sql.Literal(name), alias, sql.Identifier(name)
        )
        for alias, (name, column) in _joined(gathered)
        if texts and column.needs_join
    ]
    return sql.SQL("select {} from ({}) as l{}").format(_listed(known), query, sql.SQL("").join(joins))


def _joined(gathered: dict[str, Texts]) -> Iterator[tuple[sql.Identifier, tuple[str, Texts]]]:
    return ((sql.Identifier(f"t{number}"), item) for number, item in enumerate(gathered.items()))


def _platform_columns(source: Source, profile_name: str) -> Columns:
    columns: Columns = {name: sql.Identifier("l", name) for name in sorted(PLATFORM_COLUMNS - {"submitter", "profile"})}
    columns["submitter"] = sql.SQL("{}::text").format(sql.Literal(source.profiles[profile_name].submitter))
    columns["profile"] = sql.SQL("{}::text").format(sql.Literal(profile_name))
    return columns


def _gathered(source: Source, suite: Suite, name: str, texts: Texts, alias: sql.Identifier) -> Columns:
    """Return a gathered column as it is read, its typed helper, and a boolean per rule that was decided on it."""
    cell: Expression = sql.Identifier("l", name)
    if texts.differ:
        cell = sql.SQL("case when {0}.received is null then {1} else {0}.read end").format(alias, cell)
    columns: Columns = {name: cell}
    if texts.typed:
        columns[_helper(source, name)] = sql.SQL("{}.{}").format(alias, sql.Identifier(texts.typed))
    for rule in suite.expectations:
        if (breaks := texts.broken.get(rule.meta.rule_id)) is not None:
            column = rule.name if isinstance(rule, RuleColumn) else _decided(rule)
            holds = sql.SQL("({}.{} is not true)").format(alias, sql.Identifier(rule.meta.rule_id))
            columns[column] = holds if breaks else sql.SQL("true")
    return columns


def _decided(rule: Rule) -> str:
    return f"_{rule.meta.rule_id}"


def _cleaned(source: Source, profile_name: str, names: list[str]) -> Columns:
    return {
        name: without_null_words(source, name, profile_name, cleaned_text(source, name, profile_name, "l"))
        for name in names
    }


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


def _broken(suite: Suite, decided: set[str], *, warns: bool) -> Expression:
    """Return the ids of the broken rules that only warn, or of the others, as an array; null when there is none."""
    rules = [(rule, _fails(rule, decided)) for rule in suite.expectations if (rule.meta.action == "warn") == warns]
    if not rules:
        return sql.SQL("null::text[]")
    ids = sql.SQL(", ").join(
        sql.SQL("case when {} then {} end").format(condition, sql.Literal(rule.meta.rule_id))
        for rule, condition in rules
    )
    return sql.SQL("case when {} then array_remove(array[{}]::text[], null) end").format(
        sql.SQL(" or ").join(condition for _, condition in rules), ids
    )


def _fails(rule: Rule, decided: set[str]) -> Expression:
    if rule.meta.rule_id in decided and not isinstance(rule, RuleColumn):
        return sql.SQL("not s.{}").format(sql.Identifier(_decided(rule)))
    return failure(rule, "s")
