"""Texts that repeat are read and judged once: a code in twenty rows is checked for its check digit once.

Of a long delivery, the distinct texts of each column that repeats are gathered, read as the profile says, and judged by
the rules that speak of that column alone. Those that are read as another text, as a date or an amount, or that break a
rule, stand in a table which the query over the rows joins; all others are taken as they are.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.quality.canonical import Expression, canonical_text, kind_of
from market_regulation.quality.landed_rows import PLATFORM_COLUMNS, LandedRows
from market_regulation.quality.predicates import failure
from market_regulation.quality.suite import MatchRegex, Rule, RuleColumn, Suite, helper_columns
from market_regulation.sources.contract import Source

MOST_DISTINCT = 0.1  # of the rows; a text that stands in few rows costs more to gather than to read each time
MOST_TEXTS = 500_000  # of one column; more do not fit into memory
SESSIONS = 2
TYPED = {"date": "as_date", "amount": "as_amount"}

RulesOf = Mapping[str, Sequence[Rule]]


@dataclass(frozen=True)
class Texts:
    """What the table says of one column.

    Attributes:
        differ: Some text is read as another one.
        typed: Column with what each text reads as, ``as_date`` or ``as_amount``; then every text stands in the table.
        broken: The rules decided here, and whether any text breaks them; a boolean column of that name is true then.
    """

    differ: bool
    typed: str | None
    broken: Mapping[str, bool]

    @property
    def needs_join(self) -> bool:
        """Whether a row has to look its text up."""
        return self.differ or self.typed is not None or any(self.broken.values())


@dataclass(frozen=True)
class DistinctTexts:
    """A table in schema ``quality`` and what it says per column; columns without repeating texts are not named."""

    table: str
    columns: Mapping[str, Texts]


def gather(source: Source, suite: Suite, profile_name: str, columns: Sequence[str], rows: LandedRows) -> DistinctTexts:
    """Gather the repeating texts of an analysed delivery in a new table, committed for other sessions to join.

    Args:
        source: The contract.
        suite: Its rules.
        profile_name: The delivery's profile.
        columns: The columns that are needed.
        rows: The landed rows.
    """
    table = f"{source.source}_texts_{rows.delivery_id}"
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        rules = _rules_of(connection, source, suite, profile_name, columns, rows)
        _make_table(connection, table, [rule for of in rules.values() for rule in of])
    shares = [{name: rules[name] for name in list(rules)[share::SESSIONS]} for share in range(SESSIONS)]
    with ThreadPoolExecutor(SESSIONS) as sessions:
        list(sessions.map(lambda share: _gather(source, profile_name, table, rows, share), filter(None, shares)))
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier("quality", table)))
        return DistinctTexts(table, {name: _texts(connection, source, table, name, of) for name, of in rules.items()})


def drop_texts(connection: psycopg.Connection, texts: DistinctTexts) -> None:
    """Drop the table of gathered texts as part of the caller's transaction."""
    connection.execute(sql.SQL("drop table {}").format(sql.Identifier("quality", texts.table)))


def _rules_of(
    connection: psycopg.Connection,
    source: Source,
    suite: Suite,
    profile_name: str,
    columns: Sequence[str],
    rows: LandedRows,
) -> dict[str, list[Rule]]:
    """Return the columns whose texts repeat and cost something to read or to judge, with their costly rules."""
    profile = source.profiles[profile_name]
    found = {}
    for name in rows.repeating_columns(connection, min(MOST_DISTINCT * rows.rows, MOST_TEXTS)):
        if name not in columns or name in profile.constants:
            continue
        rules = [
            rule
            for rule in suite.expectations
            if _only_column(source, rule) == name and not _breaks_on_nothing(connection, source, name, rule)
        ]
        if rules or name in profile.lookups or kind_of(source.columns[name]) != "text":
            found[name] = rules
    return found


def _only_column(source: Source, rule: Rule) -> str | None:
    """Return the one column that a costly rule speaks of, None for a rule that is cheap or speaks of several."""
    if isinstance(rule, MatchRegex):
        return rule.column
    if not isinstance(rule, RuleColumn):
        return None
    words: set[str] = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", rule.passes)))
    columns = words & set(source.columns)
    columns |= {helper.removesuffix(f"_{kind}") for helper, kind in helper_columns(source).items() if helper in words}
    return columns.pop() if len(columns) == 1 and not words & PLATFORM_COLUMNS else None


def _breaks_on_nothing(connection: psycopg.Connection, source: Source, name: str, rule: Rule) -> bool:
    """Tell whether an empty cell breaks the rule: then the rows have to be asked, not the texts."""
    query = sql.SQL("select {} from {}").format(
        _breaks(rule), _with_helper(source, name, sql.SQL("(select null::text as {})").format(sql.Identifier(name)))
    )
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _make_table(connection: psycopg.Connection, table: str, rules: Sequence[Rule]) -> None:
    flags = [sql.SQL(", {} boolean").format(sql.Identifier(rule.meta.rule_id)) for rule in rules]
    connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier("quality", table)))
    connection.execute(
        sql.SQL(
            "create unlogged table {} (of_column text, received text, read text, as_date date, as_amount numeric{})"
        ).format(sql.Identifier("quality", table), sql.SQL("").join(flags))
    )


def _gather(source: Source, profile_name: str, table: str, rows: LandedRows, rules: RulesOf) -> None:
    """Read the rows once for some of the columns, and enter the texts of each that need more than to be taken."""
    names = sql.SQL(", ").join(map(sql.Identifier, rules))
    sets = sql.SQL(", ").join(sql.SQL("({})").format(sql.Identifier(name)) for name in rules)
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute(
            sql.SQL(
                "create temporary table gathered on commit drop as select {} {} group by grouping sets ({})"
            ).format(names, rows.query(), sets)
        )
        for name, of in rules.items():
            connection.execute(_entering(source, profile_name, table, name, of))


def _entering(source: Source, profile_name: str, table: str, name: str, rules: Sequence[Rule]) -> sql.Composed:
    """Return the statement that reads and judges the gathered texts of one column."""
    read = sql.SQL(
        "(select l.{name} as _received, {text} as {name} from gathered as l where l.{name} is not null offset 0)"
    )
    texts = _with_helper(
        source, name, read.format(name=sql.Identifier(name), text=canonical_text(source, name, profile_name, "l"))
    )
    typed = TYPED.get(source.columns[name].type)
    flags = [sql.Identifier(rule.meta.rule_id) for rule in rules]
    needed = [sql.SQL("t._received is distinct from t.{}").format(sql.Identifier(name)), *map(_breaks, rules)]
    return sql.SQL("insert into {} ({}) select {} from {} where {}").format(
        sql.Identifier("quality", table),
        _listed([*map(sql.Identifier, ["of_column", "received", "read", *filter(None, [typed])]), *flags]),
        _listed([
            sql.Literal(name),
            sql.SQL("t._received"),
            sql.Identifier("t", name),
            *([sql.Identifier("t", _helper(source, name))] if typed else []),
            *map(_breaks, rules),
        ]),
        texts,
        sql.SQL("true") if typed else sql.SQL(" or ").join(needed),
    )  # fmt: skip


def _with_helper(source: Source, name: str, texts: sql.Composable) -> sql.Composed:
    """Return a table ``t`` of texts with the typed helper column that rules may speak of."""
    kind = source.columns[name].type
    if kind not in TYPED:
        return sql.SQL("{} as t").format(texts)
    return sql.SQL("(select s.*, {}({}) as {} from {} as s offset 0) as t").format(
        sql.Identifier("quality", f"to_{kind}"), sql.Identifier("s", name), sql.Identifier(_helper(source, name)), texts
    )


def _helper(source: Source, name: str) -> str:
    return f"{name}_{source.columns[name].type}"


def _breaks(rule: Rule) -> Expression:
    return (
        sql.SQL("(({}) is false)").format(sql.SQL(rule.passes)) if isinstance(rule, RuleColumn) else failure(rule, "t")
    )


def _listed(parts: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def _texts(connection: psycopg.Connection, source: Source, table: str, name: str, rules: Sequence[Rule]) -> Texts:
    flags = [sql.Identifier(rule.meta.rule_id) for rule in rules]
    row = connection.execute(
        sql.SQL("select {} from {} where of_column = %s").format(
            _listed([sql.SQL("bool_or(read is distinct from received)"), *map(sql.SQL("bool_or({})").format, flags)]),
            sql.Identifier("quality", table),
        ),
        (name,),
    ).fetchone()
    differ, *broken = row or ()
    return Texts(
        differ=bool(differ),
        typed=TYPED.get(source.columns[name].type),
        broken={rule.meta.rule_id: bool(breaks) for rule, breaks in zip(rules, broken, strict=True)},
    )
