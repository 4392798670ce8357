"""Faults the sandbox's systems show on demand: ``<home>/sandbox/misbehave.json``, read at every turn.

{"down": true}                    the receivers do nothing at all; the servers answer nobody
{"drop_receipts": true}           the receivers publish and never say so
{"receipts_twice": true}          every receipt comes a second time under another number
{"receipts_out_of_order": true}   the last receipt comes first
{"reject_at_random": 7}           with this seed, a third of all rows is refused as E901 (temporary)
{"answer_500": true}              the servers refuse every writing: HTTP 500, SFTP failure
{"time_out_after_storing": true}  the servers take a batch and never say so
"""

import json
import random

from market_regulation import settings

FAULTS = frozenset({
    "down", "drop_receipts", "receipts_twice", "receipts_out_of_order", "reject_at_random", "answer_500",
    "time_out_after_storing",
})  # fmt: skip


def faults() -> frozenset[str]:
    """Names of the faults that are switched on.

    Raises:
        ValueError: The file is no JSON object or names a fault that does not exist.
    """
    return frozenset(name for name, is_on in _wanted().items() if is_on)


def is_refused(batch_no: str, record_id: str, version: int) -> bool:
    """Tell whether ``reject_at_random`` hits this row of this batch; the same seed gives the same answer."""
    seed = _wanted().get("reject_at_random")
    return bool(seed) and random.Random(f"{seed} {batch_no} {record_id} {version}").random() < 1 / 3


def _wanted() -> dict[str, int]:
    path = settings.home() / "sandbox" / "misbehave.json"
    if not path.exists():
        return {}
    wanted = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(wanted, dict) or not wanted.keys() <= FAULTS:
        raise ValueError(f"{path}: a JSON object with some of the keys {sorted(FAULTS)} is expected, found {wanted!r}")
    return wanted
