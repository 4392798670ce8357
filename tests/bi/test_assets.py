"""The files Superset imports are complete: whatever one names, another holds, and everything has both languages."""

import re
from collections import Counter
from typing import Any

import pytest
import yaml
from assets import ASSETS, CHARTS, DASHBOARDS, DATASETS, charts_of

from market_regulation import settings

BOTH_LANGUAGES = re.compile(r"[\u4e00-\u9fff].* [A-Z]")
EXPOSURES = settings.project_root() / "dbt_project" / "models" / "marts" / "_dashboards.yml"


def test_no_two_files_share_a_uuid() -> None:
    counted = Counter(yaml.safe_load(file.read_text(encoding="utf-8")).get("uuid") for file in ASSETS.rglob("*/*.yaml"))
    assert [uuid for uuid, times in counted.items() if times > 1] == []


def test_every_dataset_reads_the_warehouse_that_is_imported() -> None:
    warehouse = yaml.safe_load((ASSETS / "databases" / "warehouse.yaml").read_text(encoding="utf-8"))
    assert {dataset["database_uuid"] for dataset in DATASETS.values()} == {warehouse["uuid"]}
    assert re.search(r":[^/@]*@", warehouse["sqlalchemy_uri"]) is None, "a password in the repository"


def test_every_chart_asks_for_columns_and_metrics_of_its_dataset() -> None:
    for name, chart in CHARTS.items():
        dataset = DATASETS[chart["dataset_uuid"]]
        params = chart["params"]
        metrics = {m["metric_name"] for m in dataset["metrics"]}
        columns = {c["column_name"] for c in dataset["columns"]}
        asked = [
            *params.get("metrics", []),
            *filter(None, [params.get("metric"), params.get("timeseries_limit_metric")]),
        ]
        grouped = [*params.get("groupby", []), *params.get("all_columns", []), *filter(None, [params.get("x_axis")])]
        assert set(asked) <= metrics, name
        assert set(grouped) <= columns, name
        assert {f["subject"] for f in params["adhoc_filters"]} <= columns, name


def test_every_chart_is_on_one_dashboard() -> None:
    shown = Counter(uuid for dashboard in DASHBOARDS.values() for uuid in charts_of(dashboard))
    assert shown == Counter(CHARTS.keys())


@pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS)
def test_dashboard_filters_by_columns_of_its_own_charts(dashboard: dict[str, Any]) -> None:
    shown = {CHARTS[uuid]["dataset_uuid"] for uuid in charts_of(dashboard)}
    filters = dashboard["metadata"]["native_filter_configuration"]
    targets = [target for f in filters for target in f["targets"] if target]
    assert "filter_time" in {f["filterType"] for f in filters}
    assert len(targets) == 2
    for target in targets:
        assert target["datasetUuid"] in shown
        columns = {c["column_name"] for c in DATASETS[target["datasetUuid"]]["columns"]}
        assert target["column"]["name"] in columns


def test_every_label_is_in_chinese_and_english() -> None:
    labels = [d["dashboard_title"] for d in DASHBOARDS.values()]
    labels += [f["name"] for d in DASHBOARDS.values() for f in d["metadata"]["native_filter_configuration"]]
    labels += [chart["slice_name"] for chart in CHARTS.values()]
    for dataset in DATASETS.values():
        labels += [dataset["table_name"], dataset["description"]]
        labels += [part["verbose_name"] for part in (*dataset["columns"], *dataset["metrics"])]
    assert [label for label in labels if not BOTH_LANGUAGES.search(label)] == []


def test_every_dashboard_is_an_exposure_of_the_marts_it_reads() -> None:
    exposures = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))["exposures"]
    assert {e["name"]: set(e["depends_on"]) for e in exposures} == {
        f"dashboard_{slug.replace('-', '_')}": {f"ref('{mart}')" for mart in _marts(dashboard)}
        for slug, dashboard in DASHBOARDS.items()
    }


def _marts(dashboard: dict[str, Any]) -> set[str]:
    queries = (DATASETS[CHARTS[uuid]["dataset_uuid"]]["sql"] for uuid in charts_of(dashboard))
    return {mart for query in queries for mart in re.findall(r"\bmarts\.(\w+)", query)}
