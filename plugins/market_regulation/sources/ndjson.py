"""Records as NDJSON, one compact JSON object a line in ASCII: how fetched records are kept in the store."""

import json


def line(record: object) -> bytes:
    """Return one record as a line; null and empty text stay different, nothing is rounded or reordered."""
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
