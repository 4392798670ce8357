"""Which operations a day asks for: each case of the marts against what the ledger says already."""

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from disclosure_world import DAY, OTHER_USCC, Entry, World, penalty, record_id, sha256_of, spot_check

from market_regulation import settings
from market_regulation.database import lease
from market_regulation.disclosure import plan, receipts, reviews

pytestmark = pytest.mark.e2e


def test_due_records_are_published_once_however_often_the_day_is_run(world: World) -> None:
    world.due("S1")
    world.due("S2")

    assert world.disclose() == {"match": 2, "missing": 0, "stale": 0, "extra": 0}
    before = world.ledger()
    assert world.disclose() == {"match": 2, "missing": 0, "stale": 0, "extra": 0}

    assert (
        world.ledger()
        == before
        == [Entry(key, 1, "UPSERT", None) for _, key in sorted((record_id(k), k) for k in ("S1", "S2"))]
    )
    assert world.public() == {key: (1, sha256_of(spot_check(key))) for key in ("S1", "S2")}
    assert world.outbox() == {}


def test_the_ledger_row_carries_where_the_record_comes_from_and_by_which_rule(world: World) -> None:
    world.due("S1", regime_id="G1", publish_until=dt.date(2027, 3, 16), served_sha256="ab")

    plan.plan(DAY)

    row = world.publisher.execute(
        "select origin, record_type, channel, subject_key, uscc, source_delivery_id, source_row_no, business_day,"
        " rule_id, regime_id, due_on, publish_until, payload_sha256, served_sha256, entered_by, approved_by"
        " from disclosure.record"
    ).fetchone()
    assert row == (
        "PLATFORM", "spot_check", "gsxt", "91110000600037341L", "91110000600037341L", 7, 3, DAY,
        "R1", "G1", dt.date(2026, 3, 30), dt.date(2027, 3, 16), sha256_of(spot_check("S1")), "ab",
        "platform:plan", None,
    )  # fmt: skip


def test_changed_content_is_corrected(world: World) -> None:
    world.due("S1")
    world.disclose()
    changed = spot_check("S1", model="B-2")
    world.due("S1", changed)

    world.disclose()
    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, "CORRECT", "content_changed")]
    assert world.public() == {"S1": (2, sha256_of(changed))}


@pytest.mark.parametrize(
    ("payload", "columns"),
    [
        ({"subject_uscc": OTHER_USCC}, {"subject_key": OTHER_USCC, "uscc": OTHER_USCC}),
        ({"authority_uscc": "91110000600037341L"}, {}),
    ],
    ids=["subject", "authority"],
)
def test_a_wrong_subject_or_authority_is_withdrawn_and_not_corrected(
    world: World, payload: dict[str, str], columns: dict[str, str]
) -> None:
    """domain.md 11 A14; publishing it again needs a new legal basis."""
    world.due("S1")
    world.disclose()
    world.due("S1", spot_check("S1", **payload), **columns)

    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, "WITHDRAW", "wrong_subject")]
    assert world.public() == {}
    assert plan.plan(DAY) == plan.Planned({}, 0, {"needs_new_legal_basis": 1})


@pytest.mark.parametrize(
    ("op", "reason"), [("WITHDRAW", "decision_revoked"), ("WITHDRAW", "retest_overturned"), ("STOP", "term_ended")]
)
def test_what_is_over_is_ended_with_its_reason(world: World, op: str, reason: str) -> None:
    world.due("S1")
    world.disclose()
    world.ended("S1", op, reason)

    world.disclose()
    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, op, reason)]
    assert world.public() == {}


def test_what_ended_before_it_was_published_is_never_mentioned(world: World) -> None:
    world.ended("S1", "WITHDRAW", "decision_revoked")

    world.disclose()

    assert world.ledger() == []


def test_what_nothing_asks_for_any_more_is_withdrawn(world: World) -> None:
    world.due("S1")
    world.disclose()
    world.forget("S1")

    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, "WITHDRAW", "no_longer_due")]


def test_an_objection_withdraws_and_another_hold_does_not(world: World) -> None:
    """domain.md 11 A11: a reversing fact after publication withdraws the same day."""
    for key in ("S1", "S2", "S3"):
        world.due(key)
    world.disclose()
    world.held("S1", "objection_pending")
    world.held("S2", "document_missing")

    world.disclose()

    assert world.ledger()[3:] == [Entry("S1", 2, "WITHDRAW", "objection_accepted")]
    assert set(world.public()) == {"S2", "S3"}


def test_an_unsent_version_is_cancelled_by_its_withdrawal(world: World) -> None:
    world.due("S1")
    plan.plan(DAY)
    world.ended("S1", "WITHDRAW", "decision_revoked")

    world.disclose()

    assert world.ledger() == [Entry("S1", 1, "UPSERT", None), Entry("S1", 2, "WITHDRAW", "decision_revoked")]
    assert world.applied() == [(record_id("S1"), 2)]
    assert world.outbox() == {}


def test_a_sent_version_and_its_withdrawal_end_withdrawn(world: World) -> None:
    world.due("S1")
    world.send()
    world.ended("S1", "WITHDRAW", "decision_revoked")

    assert world.disclose() == {"match": 0, "missing": 0, "stale": 0, "extra": 0}

    assert world.public() == {}
    assert world.outbox() == {}


def test_a_penalty_goes_out_with_its_document(world: World) -> None:
    document = b"%PDF-1.7 decision"
    world.store_document(document)
    world.due("沪市监处罚〔2026〕1号", penalty("沪市监处罚〔2026〕1号", document), record_type="administrative_penalty")

    assert world.disclose()["match"] == 1

    assert world.exchange.execute("select content from outbound.attachment").fetchall() == [(document,)]
    (row,) = world.publisher.execute(
        "select kind, media_type, bytes, sha256_served = sha256_public from disclosure.attachment"
    ).fetchall()
    assert row == ("行政处罚决定书", "application/pdf", len(document), True)


def test_a_penalty_whose_document_is_not_in_the_store_is_held(world: World) -> None:
    world.due("1号", penalty("1号", b"lost"), record_type="administrative_penalty")

    assert plan.plan(DAY) == plan.Planned({}, 0, {"document_not_stored": 1})


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


class TestRefusals:
    """What the receiver refused goes out again only with another content."""

    def test_refused_content_is_not_sent_again_and_mended_content_is(self, world: World) -> None:
        world.due("S1", spot_check("S1", product_name="玩具 13812345678"))
        world.disclose()
        assert world.outbox() == {(record_id("S1"), 1): "rejected"}
        assert plan.plan(DAY).operations == {}

        world.due("S1")
        assert world.disclose()["match"] == 1

        assert world.ledger()[1:] == [Entry("S1", 2, "UPSERT", None)]
        assert world.outbox() == {}

    def test_a_refused_correction_leaves_the_earlier_version_public(self, world: World) -> None:
        world.due("S1")
        world.disclose()
        world.due("S1", spot_check("S1", product_name="玩具 13812345678"))
        world.disclose()
        assert plan.plan(DAY).operations == {}

        world.due("S1")
        assert plan.plan(DAY).operations == {}

        assert world.public() == {"S1": (1, sha256_of(spot_check("S1")))}


class TestReadiness:
    """Nothing is planned from marts that do not speak of this day."""

    def test_marts_of_another_day(self, world: World) -> None:
        world.due("S1", day=DAY - dt.timedelta(days=1))

        with pytest.raises(
            plan.MartsNotReadyError, match=r"disclosure_due was built for 2026-03-15, not for 2026-03-16"
        ):
            plan.plan(DAY)

        assert world.ledger() == []

    @pytest.mark.parametrize("status", ["fail", "error", "skipped"])
    def test_a_build_that_failed(self, world: World, status: str) -> None:
        world.due("S1")
        lease.take(world.publisher, "dbt")
        world.publisher.commit()
        world.publisher.execute("update control.lease set taken_by = 'r1' where lease_name = 'dbt'")
        _say(world, "r1", "model.a", "success")
        _say(world, "r1", "test.x", status)

        with pytest.raises(plan.MartsNotReadyError, match=rf"run r1, did not end well \(test\.x: {status}\)"):
            plan.plan(DAY)

        _say(world, "r1", "test.x", "pass")
        assert plan.plan(DAY).operations == {"UPSERT": 1}

    def test_a_build_that_died_or_has_not_been_judged(self, world: World) -> None:
        world.due("S1")
        _say(world, "r1", "model.a", "success")
        lease.take(world.publisher, "dbt")
        world.publisher.commit()
        world.publisher.execute("update control.lease set taken_by = 'r2' where lease_name = 'dbt'")

        with pytest.raises(plan.MartsNotReadyError, match=r"run r2, did not end well \(the build: no results\)"):
            plan.plan(DAY)

        world.publisher.execute("update control.lease set taken_by = 'r1' where lease_name = 'dbt'")
        with pytest.raises(plan.MartsNotReadyError, match=r"model\.a: success"):  # said before this build began
            plan.plan(DAY)

    def test_a_build_that_is_running_is_waited_for(self, world: World) -> None:
        world.due("S1")
        world.admin_warehouse.execute("insert into control.lease (lease_name, taken_by) values ('dbt', 'r1')")
        _say(world, "r1", "model.a", "success")
        with psycopg.connect(settings.dsn("warehouse", "transformer")) as building:
            building.execute("select from control.lease where lease_name = 'dbt' for update")
            with ThreadPoolExecutor() as pool:
                planned = pool.submit(plan.plan, DAY)
                with pytest.raises(TimeoutError):
                    planned.result(timeout=0.5)
                building.rollback()
                assert planned.result().operations == {"UPSERT": 1}

    def test_no_marts_at_all(self, world: World) -> None:
        world.warehouse.execute("drop table marts.disclosure_due")

        with pytest.raises(plan.MartsNotReadyError, match="make build"):
            plan.plan(DAY)


def test_of_two_plans_at_once_the_first_writes_nothing_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        world.due(f"S{number}")
    monkeypatch.setattr(plan, "BATCH", 2)
    hold, calls = lease.hold, []

    def overtaken(connection: psycopg.Connection, name: str, token: int) -> None:
        calls.append(name)
        if len(calls) == 3:  # the questions, the first batch, and before the second batch another plan starts
            lease.take(world.publisher, "plan")
            world.publisher.commit()
        hold(connection, name, token)

    monkeypatch.setattr(lease, "hold", overtaken)
    with pytest.raises(lease.StaleLeaseError):
        plan.plan(DAY)
    assert len(world.ledger()) == 2

    monkeypatch.undo()


def _say(world: World, run_id: str, node: str, status: str) -> None:
    """Let dbt have said this of a node just now."""
    world.warehouse.execute(
        "insert into quality.dbt_result (run_id, node_id, status, business_day, loaded_at)"
        " values (%(run)s, %(node)s, %(status)s, %(day)s, clock_timestamp())"
        " on conflict (run_id, node_id) do update set status = excluded.status, loaded_at = excluded.loaded_at",
        {"run": run_id, "node": node, "status": status, "day": DAY},
    )


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def test_receipts_of_nothing_are_nothing(world: World) -> None:
    assert receipts.collect() == receipts.Collected()
