"""In a real browser every chart is drawn and shows what the warehouse holds, and nothing is asked of another host."""

import sqlite3
import uuid
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from assets import DASHBOARDS, charts_of
from figures import FIGURES

from market_regulation import settings
from market_regulation.embedded import superset

pytestmark = pytest.mark.bi
MADE = "select uuid, changed_on from dashboards union all select uuid, changed_on from slices order by 1"
MINE = """
    insert into dashboards (dashboard_title, uuid, published, created_on, changed_on)
    values ('Mine', ?, true, datetime('now'), datetime('now'))
"""
EVERY_CHART = [(slug, name) for slug, charts in FIGURES.items() for name in charts]


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_every_chart_is_drawn_without_an_error(seen: dict[str, Any], slug: str) -> None:
    charts = seen[slug]["charts"]
    assert len(charts) == len(charts_of(DASHBOARDS[slug]))
    assert {chart["name"]: chart["errors"] for chart in charts if chart["errors"]} == {}
    assert {chart["name"]: chart["text"] for chart in charts if not chart["drawn"]} == {}
    assert {chart["name"] for chart in charts if (chart["answer"] or {}).get("status") != 200} == set()


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_only_the_server_itself_is_asked(seen: dict[str, Any], running: str, slug: str) -> None:
    """Superset's page still tries to load its telemetry pixel; the browser refuses before anything is sent."""
    assert seen[slug]["hosts"] == [urlsplit(running).netloc]
    refused = [p for p in seen[slug]["problems"] if "scarf.sh" in p and "Content Security Policy" in p]
    assert [problem for problem in seen[slug]["problems"] if problem not in refused] == []


@pytest.mark.parametrize(("slug", "name"), EVERY_CHART)
def test_chart_shows_what_the_warehouse_holds(seen: dict[str, Any], slug: str, name: str) -> None:
    (chart,) = [chart for chart in seen[slug]["charts"] if chart["name"] == name]
    with psycopg.connect(settings.dsn("warehouse", "bi_reader")) as reader:
        held = reader.execute(FIGURES[slug][name].encode()).fetchall()
    assert held
    assert _figures(chart["answer"]["body"]["result"][0]) == Counter(tuple(map(_plain, row)) for row in held)


@pytest.mark.parametrize("name", ["checks", "penalties", "public_records"])
def test_number_is_written_on_the_page(seen: dict[str, Any], name: str) -> None:
    (chart,) = [chart for chart in seen["overview"]["charts"] if chart["name"] == name]
    with psycopg.connect(settings.dsn("warehouse", "bi_reader")) as reader:
        ((number,),) = reader.execute(FIGURES["overview"][name].encode()).fetchall()
    assert f"{number:,}" in chart["text"].split()


def test_starting_again_changes_nothing(running: str, demo_home: Path) -> None:
    with sqlite3.connect(demo_home / "bi" / "superset.db") as metadata:
        before = metadata.execute(MADE).fetchall()
        said: list[str] = []
        superset.start(said.append)
        assert said == ["Superset ready"]
        assert metadata.execute(MADE).fetchall() == before


def test_importing_again_puts_ours_right_and_leaves_what_users_made(running: str, demo_home: Path) -> None:
    with sqlite3.connect(demo_home / "bi" / "superset.db") as metadata:
        metadata.execute(MINE, [uuid.uuid4().bytes])
        metadata.execute("update dashboards set dashboard_title = 'Spoilt' where slug = 'overview'")
    (demo_home / "bi" / "assets.sha256").unlink()
    superset.start(lambda _: None)
    with sqlite3.connect(demo_home / "bi" / "superset.db") as metadata:
        titles = {title for (title,) in metadata.execute("select dashboard_title from dashboards")}
        metadata.execute("delete from dashboards where dashboard_title = 'Mine'")
    assert titles == {"Mine", *(dashboard["dashboard_title"] for dashboard in DASHBOARDS.values())}


def _figures(result: dict[str, Any]) -> Counter[tuple[Any, ...]]:
    """The rows of an answer; the columns of a bar chart's series become rows of category, series and number."""
    columns = [column for column in result["colnames"] if not column.endswith("__contribution")]  # a pie's own shares
    rows = result["data"]
    if not _is_pivoted(columns):
        return Counter(tuple(_plain(row[column]) for column in columns) for row in rows)
    return Counter(
        (row[columns[0]], column.split(", ")[-1], _plain(row[column]))
        for row in rows
        for column in columns[1:]
        if row[column] is not None
    )


def _is_pivoted(columns: list[str]) -> bool:
    """Whether the columns after the first are series: labels with both languages, or one of several metrics."""
    return len(columns) > 1 and ("all_late" in columns or any(" " in column for column in columns[1:]))


def _plain(value: object) -> object:
    """Numbers as rounded floats, whoever wrote them."""
    return round(float(value), 6) if isinstance(value, int | float | Decimal) else value
