"""Faults the sandbox's systems show on demand: ``<home>/sandbox/misbehave.json``, read at every turn.

{"down": true}            the receiver does nothing at all
{"drop_receipts": true}   the receiver publishes and never says so
"""

import json

from market_regulation import settings

FAULTS = frozenset({"down", "drop_receipts"})


def faults() -> frozenset[str]:
    """Names of the faults that are switched on.

    Raises:
        ValueError: The file is no JSON object or names a fault that does not exist.
    """
    path = settings.home() / "sandbox" / "misbehave.json"
    if not path.exists():
        return frozenset()
    wanted = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(wanted, dict) or not wanted.keys() <= FAULTS:
        raise ValueError(f"{path}: a JSON object with some of the keys {sorted(FAULTS)} is expected, found {wanted!r}")
    return frozenset(name for name, is_on in wanted.items() if is_on)
