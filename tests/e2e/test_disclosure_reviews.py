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

        assert question.subject == "UPSERT gsxt spot_check 上海市市场监督管理局 S1 due 2026-03-30"
        assert (
            question.review_id
            == sha256_of_text(record_id("S1") + sha256_of(spot_check("S1", subject_name="王小明")) + ":1")[:16]
        )

    def test_a_question_is_handed_over_once(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)

        assert reviews.hand_over(question.review_id) == question

        assert reviews.to_hand_over(10) == []

    def test_what_the_detector_blocks_waits_and_the_question_names_kinds_only(self, world: World) -> None:
        found = {"review_required": True, "findings": "model:health"}
        world.due("S1", spot_check("S1", model="患有精神分裂症"), **found)

        assert plan.plan(DAY) == plan.Planned({}, 1, {"redaction_review_open": 1})

        (question,) = reviews.to_hand_over(10)
        assert question.subject == "UPSERT gsxt spot_check 上海市市场监督管理局 S1 due 2026-03-30 found model:health"

    def test_an_approval_counts_for_no_later_version_of_the_same_content(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        self._answer("approved")
        world.disclose()
        world.due("S1", spot_check("S1", model="B-2"))
        world.disclose()
        world.due("S1", review_required=True)

        assert plan.plan(DAY) == plan.Planned({}, 1, {"review_pending": 1})
        self._answer("approved")
        assert plan.plan(DAY).operations == {"CORRECT": 1}

    def test_who_entered_the_case_does_not_decide_on_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("REVIEWERS", "王 小明,checker")
        delivery_id = self._entered_by(world, "王小明")
        world.due("S1", review_required=True, source_delivery_id=delivery_id, source_row_no=1)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)

        with pytest.raises(psycopg.errors.CheckViolation, match="who entered the case") as refused:
            reviews.record(question.review_id, "approved", "王 小明", DAY, None)

        assert "小明" not in str(refused.value) + caplog.text
        assert plan.plan(DAY).held == {"review_pending": 1}
        reviews.record(question.review_id, "approved", "checker", DAY, None)
        assert plan.plan(DAY).operations == {"UPSERT": 1}

    def test_an_answer_by_somebody_not_assigned_is_refused_and_logged(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        (question,) = reviews.to_hand_over(10)
        for nobody in ("maker", "viewer", "Anonymous", ""):
            with pytest.raises(reviews.ReviewerNotAssignedError):
                reviews.record(question.review_id, "approved", nobody, DAY, None)
        assert plan.plan(DAY).held == {"review_pending": 1}
        assert caplog.text.count("who is no reviewer") == 4

    def test_a_refusal_says_who_when_and_why_and_the_sender_cannot_turn_it(self, world: World) -> None:
        world.due("S1", review_required=True)
        plan.plan(DAY)
        self._answer("refused", "names a secret recipe")

        said = "select decision, decided_by, decided_on, reason from disclosure.review"
        assert world.publisher.execute(said).fetchall() == [("refused", "checker", DAY, "names a secret recipe")]
        for change in (
            "decision = 'approved'",
            "reason = null",
            "decided_by = 'x'",
            "decision = null, decided_by = null",
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                world.publisher.execute(f"update disclosure.review set {change}")
        with pytest.raises(psycopg.errors.CheckViolation, match="asked before it is answered"):
            world.publisher.execute(
                "insert into disclosure.review (review_id, record_key, payload_sha256, asked_by, asked_on, subject,"
                " decided_on, decision, decided_by) values ('x', 'x', 'x', 'a', %s, 'x', %s, 'approved', 'b')",
                [DAY, DAY],
            )

    @staticmethod
    def _answer(decision: reviews.Decision, reason: str | None = None) -> None:
        (question,) = reviews.to_hand_over(10)
        reviews.hand_over(question.review_id)
        reviews.record(question.review_id, decision, "checker", DAY, reason)

    @staticmethod
    def _entered_by(world: World, maker: str) -> int:
        """Land one penalty that this person entered; return its delivery."""
        ((delivery_id,),) = world.loader.execute(
            "insert into landing.delivery (source, submitter, profile, uri, arrival, sha256, bytes, received_rows,"
            " accepted_rows, quarantined_rows, duplicate_rows, blocked_rows, status, business_day) values"
            " ('amr_penalties', 'x', 'x', 'x', gen_random_uuid(), 'x', 0, 1, 1, 0, 0, 0, 'loaded', %s)"
            " returning delivery_id",
            [DAY],
        ).fetchall()
        world.loader.execute("select landing.ensure_table('amr_penalties', array['maker'], %s)", [DAY])
        world.loader.execute(
            "insert into landing.amr_penalties (business_day, delivery_id, row_no, maker) values (%s, %s, 1, %s)",
            [DAY, delivery_id, maker],
        )
        return int(delivery_id)

    def test_who_asks_does_not_decide_and_a_decision_stays(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REVIEWERS", "platform,checker")
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
