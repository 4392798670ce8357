"""The same contract on each transport: what is due gets there once, whatever the receiver does meanwhile."""

import hashlib

import pytest
from disclosure_records import penalty, record_id, sha256_of, spot_check
from disclosure_world import World

pytestmark = pytest.mark.e2e

CLEAN = {"missing": 0, "stale": 0, "extra": 0}
LETTER = b"%PDF-1.7 decision"


def test_a_day_goes_out_with_its_documents_and_is_proven(each_world: World) -> None:
    world = each_world
    world.store_document(LETTER)
    world.due("P1", penalty("P1", LETTER), record_type="administrative_penalty")
    world.due("S1", spot_check("S1", product_name='玩具, "小"\n一\\N'))
    world.due("S2")

    assert world.disclose() == {"match": 3, **CLEAN}
    world.due("S1", spot_check("S1", model="B-2"))
    world.ended("S2", "WITHDRAW", "decision_revoked")
    assert world.disclose() == {"match": 2, **CLEAN}

    assert world.public() == {
        "P1": (1, sha256_of(penalty("P1", LETTER))),
        "S1": (2, sha256_of(spot_check("S1", model="B-2"))),
    }
    assert world.outbox() == {}
    held = world.public_copy.execute("select sha256, content from public_copy.attachment").fetchall()
    assert held == [(hashlib.sha256(LETTER).hexdigest(), LETTER)]
    assert sorted(world.applied()) == sorted(
        [(record_id("P1", "administrative_penalty"), 1)] + [(record_id(k), v) for k in ("S1", "S2") for v in (1, 2)]
    )
