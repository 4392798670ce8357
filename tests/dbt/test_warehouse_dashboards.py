"""What the dashboards ask for is there: their queries run as bi_reader against the marts as dbt builds them."""

from pathlib import Path

import psycopg
import pytest
import yaml
from built_warehouse import Warehouse

from market_regulation.embedded.superset import ASSETS

DATASETS = sorted((ASSETS / "datasets").glob("*.yaml"))
FAMILY = {"TEXT": {"text"}, "DATE": {"date"}, "BIGINT": {"int4", "int8", "numeric"}, "NUMERIC": {"numeric"}}


@pytest.mark.parametrize("file", DATASETS, ids=[file.stem for file in DATASETS])
def test_dataset_has_its_columns_and_metrics(second_day: Warehouse, file: Path) -> None:
    dataset = yaml.safe_load(file.read_text(encoding="utf-8"))
    with psycopg.connect(second_day.uri("bi_reader")) as reader:
        found = reader.execute(f"select * from ({dataset['sql']}) as dataset limit 0".encode()).description or []
        types = {column.name: reader.adapters.types[column.type_code].name for column in found}
        assert set(types) == {column["column_name"] for column in dataset["columns"]}
        assert [c for c in dataset["columns"] if types[c["column_name"]] not in FAMILY[c["type"]]] == []
        for metric in dataset["metrics"]:
            reader.execute(f"select {metric['expression']} from ({dataset['sql']}) as dataset".encode())
