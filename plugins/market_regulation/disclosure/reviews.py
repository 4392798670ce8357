"""Questions to a person about exactly one payload, and the answers. No answer means held.

Who asks, who entered the case and who decides are never the same: ``disclosure.review`` itself sees to it.
"""

import datetime as dt
import logging
from typing import Literal, NamedTuple

import psycopg

from market_regulation import settings

Decision = Literal["approved", "refused"]

log = logging.getLogger(__name__)

# Oldest first. A question whose payload is no longer due needs no answer any more; a record that takes the place of a
# withdrawn one is due under the old one's name until it is in the ledger.
_OPEN = """
select v.review_id, v.subject
from disclosure.review as v
where v.decision is null
    and v.handed_over_at is null
    and (
        starts_with(v.record_key, 'rules:')
        or exists (
            select from marts.disclosure_due as d
            where v.payload_sha256 = d.payload_sha256
        )
    )
order by v.asked_on, v.review_id
limit %(limit)s
"""


class Question(NamedTuple):
    """One open review: its id, and one line that names the case without personal data."""

    review_id: str
    subject: str


class ReviewUnknownError(LookupError):
    """No review has this id."""


class ReviewerNotAssignedError(PermissionError):
    """The person is none of those who may answer reviews; nothing was recorded."""


class ReviewDecidedError(RuntimeError):
    """The review was decided before, and otherwise: a decision is never replaced."""


def to_hand_over(limit: int) -> list[Question]:
    """Return up to ``limit`` open questions that no person was given yet."""
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        return [Question._make(row) for row in connection.execute(_OPEN, {"limit": limit})]


def hand_over(review_id: str) -> Question:
    """Note that the question is now before a person; return it.

    Raises:
        ReviewUnknownError: There is no such review.
    """
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        row = connection.execute(
            "update disclosure.review set handed_over_at = coalesce(handed_over_at, now())"
            " where review_id = %s returning review_id, subject",
            [review_id],
        ).fetchone()
    if row is None:
        raise ReviewUnknownError(f"disclosure.review has no review {review_id!r}")
    return Question._make(row)


def record(review_id: str, decision: Decision, decided_by: str, decided_on: dt.date, reason: str | None) -> None:
    """Write the decision of a person. The same decision again by the same person changes nothing.

    Args:
        review_id: The question.
        decision: Whether this payload may be published.
        decided_by: The person's name in Airflow.
        decided_on: The business day of the answer.
        reason: Why, in the person's words.

    Raises:
        ReviewUnknownError: There is no such review.
        ReviewDecidedError: It was decided before.
        ReviewerNotAssignedError: The person is no reviewer (``$REVIEWERS``), whatever Airflow let happen.
        psycopg.errors.CheckViolation: The person who asked or who entered the case may not decide.
    """
    if decided_by not in settings.reviewers():
        log.error("review %s: refused an answer by %s, who is no reviewer", review_id, decided_by)
        raise ReviewerNotAssignedError(f"{decided_by} may not answer review {review_id}: $REVIEWERS does not name them")
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        written = connection.execute(
            "update disclosure.review set decision = %(decision)s, decided_by = %(by)s, decided_on = %(on)s,"
            " reason = %(reason)s where review_id = %(id)s and decision is null",
            {"decision": decision, "by": decided_by, "on": decided_on, "reason": reason, "id": review_id},
        ).rowcount
        before = connection.execute(
            "select decision, decided_by from disclosure.review where review_id = %s", [review_id]
        ).fetchone()
    if before is None:
        raise ReviewUnknownError(f"disclosure.review has no review {review_id!r}")
    if before != (decision, decided_by):
        raise ReviewDecidedError(f"review {review_id} was {before[0]} by {before[1]} before, a decision stays")
    log.info("review %s: %s by %s%s", review_id, decision, decided_by, "" if written else " (known)")
