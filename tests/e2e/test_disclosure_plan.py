"""Which operations a day asks for: each case of the marts against what the ledger says already."""

import datetime as dt

import pytest
from disclosure_records import DAY, OTHER_USCC, penalty, record_id, sha256_of, spot_check
from disclosure_world import Entry, World

from market_regulation.disclosure import plan

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
def test_a_wrong_subject_or_authority_is_withdrawn_and_a_new_record_takes_its_place(
    world: World, payload: dict[str, str], columns: dict[str, str]
) -> None:
    """domain.md 11 A14: withdrawn the same day, the right one under a name of its own that points back."""
    right = spot_check("S1", **payload)
    world.due("S1")
    world.disclose()
    world.due("S1", right, **columns)

    world.disclose()
    world.disclose()

    assert world.ledger()[1:] == [Entry("S1", 2, "WITHDRAW", "wrong_subject"), Entry("S1", 1, "UPSERT", None)]
    assert world.public() == {"S1": (1, sha256_of(right))}
    links = world.publisher.execute("select record_id, replaces_record_id from disclosure.record order by seq")
    old, _, (new, replaced) = links.fetchall()
    assert old == (record_id("S1"), None)
    assert replaced == record_id("S1") != new


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
