"""Suspending, resuming, coming back after an objection; what a change of the rules does to public records."""

import datetime as dt

import pytest
from disclosure_records import DAY, OTHER_USCC, record_id, sha256_of, spot_check
from disclosure_world import Entry, World

from market_regulation.disclosure import plan, receipts, reviews

pytestmark = pytest.mark.e2e

REFUSED = spot_check("S1", product_name="玩具 13812345678")  # the receiver finds a mobile number (E110)
NEW_REGIME = {
    "regime_id": "NEW",
    "regime_selector": "business_date",
    "regime_valid_from": DAY,
    "publish_until": DAY - dt.timedelta(days=100),
    "due_on": DAY,
}


def _end(world: World, key: str, **columns: object) -> None:
    world.ended(key, "STOP", "term_ended")
    marks = ", ".join(f"{name} = %s" for name in columns)
    world.warehouse.execute(
        f"update marts.disclosure_ended set {marks} where record_id = %s", [*columns.values(), record_id(key)]
    )


def test_a_stay_hides_the_record_and_its_lifting_shows_it_again(world: World) -> None:
    """domain.md A13."""
    world.due("S1")
    world.disclose()
    world.held("S1", "stayed_by_court")
    world.disclose()
    assert world.public() == {}

    world.due("S1")
    world.disclose()
    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, "SUSPEND", "stay_ordered"), Entry("S1", 3, "RESUME", "stay_lifted")]
    assert world.public() == {"S1": (3, sha256_of(spot_check("S1")))}


def test_a_stayed_record_whose_term_ends_is_stopped_and_stays_hidden(world: World) -> None:
    world.due("S1")
    world.disclose()
    world.held("S1", "stayed_by_court")
    world.disclose()
    world.ended("S1", "STOP", "term_ended")

    assert world.disclose() == {"match": 0, "missing": 0, "stale": 0, "extra": 0}

    assert [entry.op for entry in world.ledger()] == ["UPSERT", "SUSPEND", "STOP"]
    assert world.public() == {}


def test_a_failure_comes_back_once_the_objection_is_decided_against(world: World) -> None:
    """The decision on the objection is the new legal basis (A11); a revoked decision has none and stays away."""
    for key in ("S1", "S2"):
        world.due(key)
    world.disclose()
    world.held("S1", "objection_pending")
    world.ended("S2", "WITHDRAW", "decision_revoked")
    world.disclose()

    for key in ("S1", "S2"):
        world.due(key)
    world.disclose()

    assert world.public() == {"S1": (3, sha256_of(spot_check("S1")))}
    assert world.ledger()[-1] == Entry("S1", 3, "UPSERT", "objection_decided")
    assert plan.plan(DAY) == plan.Planned({}, 0, {"needs_new_legal_basis": 1})


def test_a_withdrawal_that_waits_goes_out_before_the_return_that_the_receiver_may_refuse(world: World) -> None:
    """Were it cancelled by the return, the old content would stay public, and no later objection would withdraw it."""
    world.due("S1")
    world.disclose()
    world.held("S1", "objection_pending")
    plan.plan(DAY)  # nobody sends it yet
    world.due("S1", spot_check("S1", product_name="玩具 13812345678"))

    world.disclose()
    world.disclose()

    assert [entry.op for entry in world.ledger()] == ["UPSERT", "WITHDRAW", "UPSERT"]
    assert world.public() == {}


def test_a_subject_corrected_twice_leaves_one_public_record(world: World) -> None:
    world.due("S1")
    world.disclose()
    for uscc in (OTHER_USCC, "91440300708461136T"):
        world.due("S1", spot_check("S1", subject_uscc=uscc), subject_key=uscc, uscc=uscc)
        world.disclose()

    assert [(entry.op, entry.reason) for entry in world.ledger()] == [
        ("UPSERT", None),
        ("WITHDRAW", "wrong_subject"),
        ("UPSERT", None),
        ("WITHDRAW", "wrong_subject"),
        ("UPSERT", None),
    ]
    assert world.public() == {"S1": (1, sha256_of(spot_check("S1", subject_uscc="91440300708461136T")))}
    assert world.disclose() == {"match": 1, "missing": 0, "stale": 0, "extra": 0}


def test_what_a_new_regime_ends_on_its_first_day_goes_out_as_one_reviewed_batch(world: World) -> None:
    for key in ("S1", "S2", "S3"):
        world.due(key, regime_id="OLD")
    world.disclose()
    for key in ("S1", "S2"):
        _end(world, key, **NEW_REGIME)
    world.ended("S3", "WITHDRAW", "decision_revoked")

    world.disclose()

    assert set(world.public()) == {"S1", "S2"}
    (question,) = reviews.to_hand_over(10)
    assert question.subject == "change of the rules on gsxt from 2026-03-16: 0 WITHDRAW, 2 STOP, 0 CORRECT"
    listed = world.publisher.execute("select record_id, op, old_regime_id, new_regime_id from disclosure.rule_change")
    assert set(listed) == {(record_id(key), "STOP", "OLD", "NEW") for key in ("S1", "S2")}

    reviews.record(question.review_id, "approved", "checker", DAY, "read the list")
    world.disclose()

    assert world.public() == {}
    approved = world.publisher.execute("select approved_by from disclosure.record where op = 'STOP'").fetchall()
    assert approved == [("checker",)] * 2


def test_the_approval_of_a_batch_covers_exactly_its_list(world: World) -> None:
    for key in ("S1", "S2"):
        world.due(key, regime_id="OLD")
    world.disclose()
    _end(world, "S1", **NEW_REGIME)
    plan.plan(DAY)
    (question,) = reviews.to_hand_over(10)
    reviews.record(question.review_id, "approved", "checker", DAY, None)
    _end(world, "S2", **NEW_REGIME)

    world.disclose()

    assert set(world.public()) == {"S1", "S2"}
    assert len(reviews.to_hand_over(10)) == 1


class TestRepealedRules:
    """What is public and no rule covers any more leaves the public as one reviewed batch, and not as an error."""

    REPEALED_ON = DAY - dt.timedelta(days=1)

    def _repeal(self, world: World, *keys: str) -> None:
        for key in keys:
            world.ended(key, "WITHDRAW", "rule_repealed", ended_on=self.REPEALED_ON)

    def _answer(self, decision: reviews.Decision) -> None:
        (question,) = reviews.to_hand_over(10)
        reviews.record(question.review_id, decision, "checker", DAY, "read the list")

    def test_one_question_with_the_list_and_its_approval_withdraws(self, world: World) -> None:
        for key in ("S1", "S2", "S3", "S4"):
            world.due(key)
        world.disclose()
        self._repeal(world, "S1", "S2")
        world.forget("S3")  # its fact is gone: nobody is asked

        world.disclose()

        assert set(world.public()) == {"S1", "S2", "S4"}
        (question,) = reviews.to_hand_over(10)
        assert question.subject == "change of the rules on gsxt from 2026-03-15: 2 WITHDRAW, 0 STOP, 0 CORRECT"
        listed = world.publisher.execute("select record_id, op, reason_code, rule_id from disclosure.rule_change")
        assert set(listed) == {(record_id(key), "WITHDRAW", "rule_repealed", "R1") for key in ("S1", "S2")}

        self._answer("approved")
        world.disclose()
        world.disclose()

        assert set(world.public()) == {"S4"}
        withdrawn = world.publisher.execute(
            "select reason_code, approved_by, count(*) from disclosure.record where op = 'WITHDRAW' group by 1, 2"
        )
        assert set(withdrawn) == {("no_longer_due", None, 1), ("rule_repealed", "checker", 2)}

    def test_its_refusal_leaves_the_records_public(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        self._repeal(world, "S1")
        world.disclose()

        self._answer("refused")

        assert plan.plan(DAY) == plan.Planned({}, 0, {"rule_review_refused": 1})
        assert set(world.public()) == {"S1"}

    def test_a_rule_that_covers_it_again_brings_it_back(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        self._repeal(world, "S1")
        plan.plan(DAY)
        self._answer("approved")
        world.disclose()

        world.due("S1")
        world.disclose()

        assert world.ledger()[-1] == Entry("S1", 3, "UPSERT", "rule_restored")
        assert set(world.public()) == {"S1"}

    def test_what_was_never_shown_needs_no_question(self, world: World) -> None:
        world.due("S1")
        plan.plan(DAY)
        self._repeal(world, "S1", "S2")

        world.disclose()

        assert world.ledger() == [Entry("S1", 1, "UPSERT", None), Entry("S1", 2, "WITHDRAW", "not_shown")]
        assert world.applied() == [(record_id("S1"), 2)]
        assert reviews.to_hand_over(10) == []

    def test_what_ends_by_its_own_fact_does_not_wait_for_the_question(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        self._repeal(world, "S1")
        world.disclose()
        world.ended("S1", "WITHDRAW", "decision_revoked")

        world.disclose()

        assert world.ledger()[-1] == Entry("S1", 2, "WITHDRAW", "decision_revoked")
        assert world.public() == {}


def test_a_term_that_ends_under_a_rule_long_in_force_needs_nobody(world: World) -> None:
    world.due("S1", regime_id="OLD")
    world.disclose()
    _end(world, "S1", **NEW_REGIME | {"publish_until": DAY, "regime_valid_from": dt.date(2025, 12, 25)})

    world.disclose()

    assert world.public() == {}


def test_what_was_public_on_a_past_day_is_a_query(world: World) -> None:
    later = DAY + dt.timedelta(days=1)
    world.due("S1")
    world.due("S2")
    world.disclose()
    for key in ("S1", "S2", "S3"):
        world.due(key, day=later)
    world.due("S1", spot_check("S1", model="B-2"), day=later)
    world.ended("S2", "WITHDRAW", "decision_revoked", day=later)
    world.disclose(later)

    def public_on(day: dt.date) -> set[tuple[object, ...]]:
        query = "select payload ->> 'sample_no', version, shown_since, rule_id from disclosure.public_on(%s)"
        return set(world.publisher.execute(query, [day]))

    assert public_on(DAY - dt.timedelta(days=1)) == set()
    assert public_on(DAY) == {("S1", 1, DAY, "R1"), ("S2", 1, DAY, "R1")}
    assert public_on(later) == {("S1", 2, later, "R1"), ("S3", 1, later, "R1")}


@pytest.mark.parametrize("reason", ["secrecy_review_open", "stayed_by_court", "objection_pending"])
def test_what_no_sender_ever_took_is_called_back_whatever_holds_it(world: World, reason: str) -> None:
    world.due("S1")
    plan.plan(DAY)
    world.held("S1", reason)

    world.disclose()
    assert world.public() == {}

    world.due("S1")
    world.disclose()
    assert set(world.public()) == {"S1"}


def test_a_lifted_stay_shows_nothing_that_another_hold_forbids(world: World) -> None:
    world.due("S1")
    world.disclose()
    world.held("S1", "stayed_by_court")
    world.disclose()
    world.held("S1", "secrecy_review_open")

    world.disclose()

    assert [entry.op for entry in world.ledger()] == ["UPSERT", "SUSPEND"]
    assert world.public() == {}


def test_the_question_about_the_right_subject_is_put_to_a_person(world: World) -> None:
    world.due("S1")
    world.disclose()
    right = spot_check("S1", subject_uscc=OTHER_USCC)
    world.due("S1", right, subject_key=OTHER_USCC, uscc=OTHER_USCC, review_required=True)
    world.disclose()
    assert world.public() == {}

    (question,) = reviews.to_hand_over(10)
    reviews.record(question.review_id, "approved", "checker", DAY, "read")
    world.disclose()

    assert world.public() == {"S1": (1, sha256_of(right))}


@pytest.mark.parametrize("hold", ["stayed_by_court", "objection_pending"])
def test_content_corrected_before_the_refusal_of_its_return_is_known_is_shown(world: World, hold: str) -> None:
    """The correction finds nothing to correct (E205), which says nothing against its content."""
    world.due("S1")
    world.disclose()
    world.held("S1", hold)
    world.disclose()
    world.due("S1", REFUSED)
    world.send()
    world.due("S1", spot_check("S1", model="B-2"))
    plan.plan(DAY)
    world.turn()
    receipts.collect()

    for _ in range(3):
        world.let_time_pass()
        world.disclose()

    assert world.public() == {"S1": (5, sha256_of(spot_check("S1", model="B-2")))}
    assert [entry.op for entry in world.ledger()[3:]] == [
        "CORRECT",
        "RESUME" if hold == "stayed_by_court" else "UPSERT",
    ]


def test_a_return_planned_before_the_withdrawal_is_acknowledged_is_made_with_its_legal_basis(world: World) -> None:
    world.due("S1", REFUSED)
    world.disclose()
    world.held("S1", "objection_pending")
    world.send()
    world.due("S1")
    world.send()
    world.turn()
    receipts.collect()

    for _ in range(3):
        world.let_time_pass()
        world.disclose()

    assert world.public() == {"S1": (4, sha256_of(spot_check("S1")))}
    assert world.ledger()[-1] == Entry("S1", 4, "UPSERT", "hold_released")


def test_an_operation_that_the_receiver_finds_untimely_is_not_made_again_and_again(world: World) -> None:
    world.due("S1")
    world.disclose()
    world.due("S1", spot_check("S1", model="B-2"))
    world.public_copy.execute("update public_copy.item set visible = false, op = 'SUSPEND'")
    world.send()
    world.turn()
    assert receipts.collect().refused == {"E205": 1}

    for _ in range(3):
        assert plan.plan(DAY).operations == {}
