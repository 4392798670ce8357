"""YAML written by hand, because the drafts carry comments, which no YAML library writes."""

from collections.abc import Iterable, Mapping

import yaml

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def scalar(value: object) -> str:
    """Return one value as YAML of one line, quoted where it must be."""
    style = '"' if isinstance(value, str) and any(mark in value for mark in _LINE_BREAKS) else None
    text: str = yaml.safe_dump([value], default_flow_style=True, default_style=style, allow_unicode=True, width=10**6)
    return text.strip()[1:-1]


def flow(value: object) -> str:
    """Return a list or mapping in flow style on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def comment(text: str) -> str:
    """Return text that is safe behind ``#``: on one line."""
    return " ".join(text.split())
