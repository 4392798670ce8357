"""Rules decided on distinct texts: a check digit over a code that stands in twenty rows is computed once.

Only computed rules that speak of one column of the contract and nothing else can be decided so, and only long
deliveries with few distinct texts gain by it. What comes back is the landed texts that fail.
"""

import datetime as dt
import re

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import canonical_text
from market_regulation.quality.judging import KnownBad
from market_regulation.quality.suite import RuleColumn, Suite, helper_columns
from market_regulation.sources.contract import Source

MOST_TEXTS = 20_000  # failing distinct texts; more than these are not worth a list
MOST_DISTINCT = 0.3  # of the rows


def decide_on_distinct_texts(
    connection: psycopg.Connection, source: Source, suite: Suite, profile_name: str, delivery_id: int, day: dt.date
) -> KnownBad:
    """Return the rules decided on the distinct texts of a landed and analysed delivery, with the texts that fail."""
    found: dict[str, tuple[str, list[str]]] = {}
    by_column: dict[str, list[RuleColumn]] = {}
    for rule in suite.rule_columns:
        if column := _only_column(source, profile_name, rule):
            by_column.setdefault(column, []).append(rule)
    repeating = _repeating_columns(connection, source, day)
    for column, rules in by_column.items():
        if column not in repeating:
            continue
        rows = connection.execute(_failing_texts(source, profile_name, delivery_id, day, column, rules)).fetchall()
        if len(rows) > MOST_TEXTS:
            continue
        for position, rule in enumerate(rules, start=1):
            found[rule.name] = (column, [row[0] for row in rows if row[position]])
    return found


def _only_column(source: Source, profile_name: str, rule: RuleColumn) -> str | None:
    """Return the one column that a rule speaks of, None when it speaks of several or of one that never varies."""
    words: set[str] = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", rule.passes)))
    columns = words & set(source.columns)
    others = words & {*helper_columns(source), "business_day", "delivery_id", "row_no", "submitter", "profile"}
    if len(columns) != 1 or others or columns & set(source.profiles[profile_name].constants):
        return None
    [column] = columns
    return column


def _repeating_columns(connection: psycopg.Connection, source: Source, day: dt.date) -> set[str]:
    rows = connection.execute(
        "select attname from pg_stats where schemaname = 'landing' and tablename = %s"
        " and (n_distinct > 0 or -n_distinct < %s)",
        (f"{source.source}_{day:%Y%m}", MOST_DISTINCT),
    )
    return {str(row[0]) for row in rows}


def _failing_texts(
    source: Source, profile_name: str, delivery_id: int, day: dt.date, column: str, rules: list[RuleColumn]
) -> sql.Composed:
    """Return the query of the distinct landed texts that fail any of the rules, with a boolean per rule."""
    name = sql.Identifier(column)
    fails = [sql.SQL("(({}) is false)").format(sql.SQL(rule.passes)) for rule in rules]
    return sql.SQL(
        "select s.received, {fails} from (select l.received, {text} as {name} from"
        " (select distinct {name} as received, {name} from {landing} where business_day = {day}"
        " and delivery_id = {delivery_id} and {name} is not null) as l offset 0) as s where {any} limit {most}"
    ).format(
        fails=sql.SQL(", ").join(fails),
        any=sql.SQL(" or ").join(fails),
        text=canonical_text(source, column, profile_name, "l"),
        name=name,
        landing=sql.Identifier("landing", source.source),
        day=sql.Literal(day),
        delivery_id=sql.Literal(delivery_id),
        most=sql.Literal(MOST_TEXTS + 1),
    )
