"""Data dictionary of the feed: one line per field of each record type that a channel carries, from its JSON Schemas."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from market_regulation.disclosure.record_schema import record_types, schema

COLUMNS = (
    "channel", "record_type", "field", "title", "description", "required", "type", "code_list", "pattern",
    "max_characters", "max_bytes_gb18030", "immutable",
)  # fmt: skip
ENVELOPE = (
    ("record_id", "记录编号", "stable name of the record, 64 hexadecimal digits"),
    ("version", "版本", "from 1; a receiver applies only a higher version than it holds"),
    ("op", "操作", "UPSERT, CORRECT, WITHDRAW, STOP, SUSPEND or RESUME"),
    ("reason_code", "原因", "why a record is corrected, withdrawn, stopped or suspended"),
    ("effective_on", "生效日期", "business day of the batch"),
    ("row_hash", "内容哈希", "SHA-256 of the canonical payload: keys in code point order, no blanks, UTF-8"),
    ("payload", "公示内容", "the public content, by the schema of the record type"),
    ("exchange", "交换内容", "what only the exchange may carry (identity numbers); never shown, part of no hash"),
)


def text(channel: str) -> str:
    """Return the dictionary of a channel as CSV (UTF-8, LF): the envelope first, then every record type."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, title, description in ENVELOPE:
        writer.writerow([channel, "*", name, title, description, "", "", "", "", "", "", ""])
    for record_type in record_types(channel):
        writer.writerows(_fields(channel, record_type))
    return out.getvalue()


def _fields(channel: str, record_type: str) -> Iterator[list[object]]:
    whole = schema(channel, record_type)
    for name, rule in _flat(whole, whole.get("properties", {}), whole.get("required", ()), ""):
        is_required, full = rule.pop("__required__"), rule
        yield [
            channel, record_type, name, full.get("title", ""), full.get("description", ""), is_required,
            _type(full), " ".join(map(str, full.get("enum", ()))), full.get("pattern", ""),
            full.get("maxLength", ""), full.get("x-max-bytes", ""), bool(full.get("x-immutable")),
        ]  # fmt: skip


def _flat(
    whole: Mapping[str, Any],
    properties: Mapping[str, Any],
    required: Collection[str],
    prefix: str,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each property with its reference resolved, and those of the objects in a list as ``list[].field``."""
    for name, given in properties.items():
        rule = {**_referenced(whole, given), "__required__": name in required}
        yield prefix + name, rule
        items = rule.get("items", {})
        items = _referenced(whole, items)
        if "properties" in items:
            yield from _flat(whole, items["properties"], items.get("required", ()), f"{prefix}{name}[].")


def _referenced(whole: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule with what its ``$ref`` into ``$defs`` says added; its own words win."""
    if "$ref" not in rule:
        return dict(rule)
    return {**whole["$defs"][rule["$ref"].rsplit("/", 1)[-1]], **rule}


def _type(rule: Mapping[str, Any]) -> str:
    kind = rule.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
