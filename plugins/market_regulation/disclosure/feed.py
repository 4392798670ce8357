"""What every channel of the feed shares: the sender's code, the schema version, and how long an answer is awaited."""

import os

SCHEMA_VERSION = "1"
POLL = 0.2  # seconds between two looks for an answer

# Refusals that say nothing against the row: the batch as a whole (hash, sequence, signature) or the receiver itself
# was in the way. The rows are sent again in another batch, as the retry schedule says (domain.md 8.4; E901 [design]).
BATCH_REFUSED = ("E201", "E202", "E301")
TEMPORARY = "E901"


def source_uscc() -> str:
    """Return the sender's own 统一社会信用代码 (18 characters), which begins every batch number: ``$SOURCE_USCC``."""
    return os.environ.get("SOURCE_USCC", "11310000MB00000009")


def channel_timeout() -> float:
    """Return after how many seconds one step of a transport counts as unanswered: ``$CHANNEL_TIMEOUT_SECONDS``, 60."""
    return float(os.environ.get("CHANNEL_TIMEOUT_SECONDS", "60"))


def receipt_wait() -> float:
    """Return how many seconds a run waits for the receiver's answers: ``$RECEIPT_WAIT_SECONDS``, by default 20."""
    return float(os.environ.get("RECEIPT_WAIT_SECONDS", "20"))
