"""A person's decision about exactly one payload: what waits for it, and what does not."""

import hashlib

import psycopg
import pytest
from disclosure_records import DAY, record_id, sha256_of, spot_check
from disclosure_world import World

from market_regulation.disclosure import plan, reviews

pytestmark = pytest.mark.e2e


class TestReviews:
    """A person's decision about exactly one payload."""

    def test_nothing_is_published_before_the_approval_and_only_what_was_approved(self, world: World) -> None:
        world.due("S1", review_required=True)
        world.due("S2")
        world.disclose()
        assert set(world.public()) == {"S2"}
        (question,) = reviews.to_hand_over(10)

        reviews.record(question.review_id, "approved", "checker", DAY, "checked")
        world.disclose()

        assert set(world.public()) == {"S1", "S2"}
        approved_by = world.publisher.execute(
            "select approved_by from disclosure.record where record_id = %s", [record_id("S1")]
        ).fetchone()
        assert approved_by == ("checker",)

    def test_another_content_is_another_question(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (first,) = reviews.to_hand_over(10)
        reviews.record(first.review_id, "approved", "checker", DAY, None)
        world.due("S1", spot_check("S1", model="B-2"), review_required=True)

        assert plan.plan(DAY) == plan.Planned({}, 1, {"review_pending": 1})

        (second,) = reviews.to_hand_over(10)
        assert second.review_id != first.review_id
        assert world.ledger() == []

    def test_a_refusal_holds(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)

        reviews.record(question.review_id, "refused", "checker", DAY, "secret")

        assert plan.plan(DAY) == plan.Planned({}, 0, {"review_refused": 1})
        assert world.ledger() == []

    def test_an_open_review_does_not_hold_up_a_withdrawal(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        world.due("S2", review_required=True)
        world.ended("S1", "WITHDRAW", "decision_revoked")

        world.disclose()

        assert world.public() == {}
        assert len(reviews.to_hand_over(10)) == 1

    def test_the_question_names_the_case_and_no_person(self, world: World) -> None:
        world.due("S1", spot_check("S1", subject_name="王小明"), review_required=True)
        plan.plan(DAY)

        (question,) = reviews.to_hand_over(10)

        assert question.subject == "UPSERT spot_check 上海市市场监督管理局 S1 due 2026-03-30"
        assert (
            question.review_id
            == sha256_of_text(record_id("S1") + sha256_of(spot_check("S1", subject_name="王小明")))[:16]
        )

    def test_a_question_is_handed_over_once(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)

        assert reviews.hand_over(question.review_id) == question

        assert reviews.to_hand_over(10) == []

    def test_who_asks_does_not_decide_and_a_decision_stays(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)
        with pytest.raises(psycopg.errors.CheckViolation):
            reviews.record(question.review_id, "approved", "platform", DAY, None)
        reviews.record(question.review_id, "refused", "checker", DAY, None)
        reviews.record(question.review_id, "refused", "checker", DAY, None)

        with pytest.raises(reviews.ReviewDecidedError):
            reviews.record(question.review_id, "approved", "checker", DAY, None)
        with pytest.raises(reviews.ReviewUnknownError):
            reviews.record("0" * 16, "approved", "checker", DAY, None)


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()
