"""One function: what a failing row of a rule looks like in SQL."""

from typing import assert_never

from psycopg import sql

from market_regulation.quality.suite import InSet, LengthBetween, MatchRegex, NotNull, PairGreater, Rule, RuleColumn


def failure(rule: Rule, table: str) -> sql.Composable:
    """Return the SQL condition that holds for exactly the rows of ``table`` (a checked view) that break ``rule``.

    Only NotNull is broken by a missing value; every other rule passes on null, as in Great Expectations.
    """

    def column(name: str) -> sql.Composable:
        return sql.Identifier(table, name)

    match rule:
        case NotNull():
            return sql.SQL("{} is null").format(column(rule.column))
        case InSet():
            words = sql.SQL(", ").join(map(sql.Literal, rule.value_set))
            return sql.SQL("({} in ({})) is false").format(column(rule.column), words)
        case MatchRegex():
            return sql.SQL("({} ~ {}) is false").format(column(rule.column), sql.Literal(rule.regex))
        case LengthBetween():
            bounds = [
                sql.SQL("char_length({}) {} {}").format(column(rule.column), sql.SQL(sign), sql.Literal(bound))
                for sign, bound in ((">=", rule.min_value), ("<=", rule.max_value))
                if bound is not None
            ]
            return sql.SQL("({}) is false").format(sql.SQL(" and ").join(bounds))
        case PairGreater():
            sign = sql.SQL(">=" if rule.or_equal else ">")
            return sql.SQL("({} {} {}) is false").format(column(rule.column_A), sign, column(rule.column_B))
        case RuleColumn():
            return sql.SQL("{} is false").format(column(rule.name))
        case _:
            assert_never(rule)
