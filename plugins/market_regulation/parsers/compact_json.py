"""JSON values as compact text in the order and with the digits they came in."""

import json
from json.encoder import encode_basestring


def compact(value: object, number: type | tuple[type, ...]) -> str:
    """Return ``value`` as JSON without blanks; instances of ``number`` are written as ``str`` gives them."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(k)}:{compact(v, number)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(compact(item, number) for item in value) + "]"
    if isinstance(value, number) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
