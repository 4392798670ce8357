"""The columns that analysts read are a promise: ``mart_columns.txt`` is the list, and the built tables must keep it.

A mart column that goes or changes its type is a breaking change. It takes a new version of the mart (README, "How to
change a mart"), and its line leaves the list with the old version. A new column only adds a line.
"""

from pathlib import Path

import pytest
from built_warehouse import Warehouse

RECORDED = Path(__file__).with_name("mart_columns.txt")
Columns = dict[str, str]


@pytest.fixture(scope="module")
def recorded() -> Columns:
    """Type by mart.column, as promised."""
    lines = RECORDED.read_text("utf-8").splitlines()
    return {column: data_type for column, _, data_type in (line.partition(" ") for line in lines)}


@pytest.fixture(scope="module")
def built(built_empty: Warehouse) -> Columns:
    """Type by mart.column, as they stand in the database."""
    found = built_empty.rows(
        """
        select c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
        from pg_attribute as a
        inner join pg_class as c on a.attrelid = c.oid
        where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
            and a.attnum > 0 and not a.attisdropped
        """
    )
    return dict(found)


def test_no_promised_column_is_gone_or_has_another_type(recorded: Columns, built: Columns) -> None:
    broken = {column: (kind, built.get(column)) for column, kind in recorded.items() if built.get(column) != kind}
    assert broken == {}, "a breaking change: keep the old columns and give the mart a new version (README)"


def test_every_built_column_is_promised(recorded: Columns, built: Columns) -> None:
    lines = [f"{column} {built[column]}" for column in sorted(built.keys() - recorded.keys())]
    assert lines == [], f"add these lines to {RECORDED.name}"
