"""The assets of the repository as read from their files."""

from typing import Any

import yaml

from market_regulation.embedded.superset import ASSETS

Asset = dict[str, Any]


def _read(folder: str, key: str) -> dict[str, Asset]:
    files = sorted((ASSETS / folder).rglob("*.yaml"))
    return {asset[key]: asset for asset in (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)}


DATASETS = _read("datasets", "uuid")
CHARTS = _read("charts", "uuid")
DASHBOARDS = _read("dashboards", "slug")


def charts_of(dashboard: Asset) -> list[str]:
    """Return the UUIDs of the charts that a dashboard has a place for, in the order of its file."""
    places = [place for place in dashboard["position"].values() if isinstance(place, dict)]
    return [place["meta"]["uuid"] for place in places if place["type"] == "CHART"]
