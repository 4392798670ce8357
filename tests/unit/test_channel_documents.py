"""What a receiver is built from: the OpenAPI document and the data dictionary say what the schemas say."""

import csv
import io
import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from market_regulation import disclosure
from market_regulation.disclosure import dictionary, openapi
from market_regulation.disclosure.record_schema import channels, record_types, schema
from market_regulation.sandbox.receiver_http import app

FILE = Path(disclosure.__file__).with_name("openapi.json")


def test_the_openapi_document_is_valid_and_in_step() -> None:
    written = json.loads(FILE.read_text("utf-8"))
    validate(written)
    assert written == openapi.document(), "python -m market_regulation.disclosure.openapi writes the file"


def test_every_payload_schema_stands_in_the_document() -> None:
    written = json.loads(FILE.read_text("utf-8"))["components"]["schemas"]
    for channel in channels():
        for record_type in record_types(channel):
            embedded, original = written[f"{channel}.{record_type}"], schema(channel, record_type)
            assert embedded["required"] == original["required"]
            assert embedded["properties"].keys() == original["properties"].keys()
            assert str(embedded).replace(f"components/schemas/{channel}.{record_type}/", "") == str(
                {name: rule for name, rule in original.items() if name not in {"$schema", "$id"}}
            )


def test_the_sandbox_serves_exactly_what_the_document_says() -> None:
    written = {
        (path, method) for path, methods in json.loads(FILE.read_text("utf-8"))["paths"].items() for method in methods
    }
    served = {(path, method) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert served == written


@pytest.mark.parametrize("channel", channels())
def test_the_dictionary_names_every_field_with_title_and_limits(channel: str) -> None:
    rows = list(csv.DictReader(io.StringIO(dictionary.text(channel))))
    named = {(row["record_type"], row["field"]) for row in rows}
    for record_type in record_types(channel):
        assert {(record_type, name) for name in schema(channel, record_type)["properties"]} <= named
    assert all(row["title"] for row in rows)
    assert {"record_id", "version", "op", "payload", "exchange"} <= {f for kind, f in named if kind == "*"}


def test_the_dictionary_says_type_length_and_codes() -> None:
    rows = {(r["record_type"], r["field"]): r for r in csv.DictReader(io.StringIO(dictionary.text("gsxt")))}
    name = rows["spot_check", "product_name"]
    assert (name["title"], name["required"], name["type"], name["max_characters"]) == (
        "产品名称",
        "True",
        "string",
        "200",
    )
    assert rows["spot_check", "model"]["type"] == "string or null"
    assert rows["spot_check", "level"]["code_list"] == "国家 省 市 县"
    assert rows["spot_check", "failed_items[].item"]["title"] == "项目"
    assert rows["spot_check", "subject_uscc"]["immutable"] == "True"
