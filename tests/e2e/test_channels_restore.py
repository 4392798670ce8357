"""B2: after a restore the receivers' versions are read back first; no old payload goes over a newer one."""

import logging
import os
import signal

import pytest
from disclosure_records import DAY, record_id, sha256_of, spot_check
from disclosure_world import CLEAN, Entry, World

from market_regulation import failpoints
from market_regulation.disclosure import adopt, ledger

pytestmark = pytest.mark.e2e


def content(key: str, version: int) -> dict[str, object]:
    return spot_check(key, model=f"M-{version}")


def test_a_restored_ledger_takes_over_what_the_receiver_shows_before_it_sends(
    each_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = each_world
    for key in ("S1", "S2", "S3"):
        world.due(key, content(key, 1))
    world.disclose()
    world.back_up()
    world.due("S1", content("S1", 2))
    world.due("S4", content("S4", 1))
    world.disclose()
    world.due("S1", content("S1", 3))
    world.ended("S3", "WITHDRAW", "decision_revoked")
    world.disclose()
    world.restore()
    world.due("S1", content("S1", 4))  # the one row that changed when the day is run again
    caplog.clear()

    with world.receiving():
        adopt.adopt_all(DAY)
    assert world.disclose() == {"match": 3, **CLEAN}
    assert world.disclose() == {"match": 3, **CLEAN}

    assert world.public() == {
        "S1": (4, sha256_of(content("S1", 4))),
        "S2": (1, sha256_of(content("S2", 1))),
        "S4": (1, sha256_of(content("S4", 1))),
    }
    assert world.refused() == []
    assert [version for name, version in world.applied() if name == record_id("S1")] == [1, 2, 3, 4]
    assert set(world.ledger()[3:]) == {
        Entry("S1", 3, "CORRECT", "read_back_after_restore"),
        Entry("S3", 2, "WITHDRAW", "read_back_after_restore"),
        Entry("S4", 1, "UPSERT", "read_back_after_restore"),
        Entry("S1", 4, "CORRECT", "content_changed"),
    }
    assert [r.levelno for r in caplog.records if "restored to an older state" in r.message] == [logging.CRITICAL]
    with pytest.raises(ledger.LedgerBrokenError, match="witnesses another row"):
        ledger.verify()  # the heads that the receiver holds expose the rollback


@pytest.mark.parametrize("comes_back_as", ["due", "due after the plan", "held", "ended"])
def test_what_was_extra_is_adopted_once_its_source_comes_back(each_world: World, comes_back_as: str) -> None:
    """The restored warehouse had lost its source too; what nobody delivers again stays as it is."""
    world = each_world
    world.due("S0")
    world.disclose()
    world.back_up()
    for key in ("S1", "S2"):
        world.due(key, content(key, 1))
    world.disclose()
    world.due("S1", content("S1", 2))
    world.disclose()
    world.restore()
    for key in ("S1", "S2"):
        world.forget(key)
    with world.receiving():
        adopt.adopt_all(DAY)
    assert world.disclose() == {"match": 1, "missing": 0, "stale": 0, "extra": 2}

    if comes_back_as == "held":
        world.held("S1", "document_missing")
    elif comes_back_as == "ended":
        world.ended("S1", "WITHDRAW", "decision_revoked")
    else:
        world.due("S1", content("S1", 3))
    if comes_back_as != "due after the plan":
        with world.receiving():
            adopt.adopt_all(DAY)
    world.disclose()
    world.let_time_pass()
    found = world.disclose()

    assert world.refused() == []
    assert set(world.public()) == {"S0", "S2"} | ({"S1"} if comes_back_as != "ended" else set())
    assert found == {"match": len(world.public()) - 1, "missing": 0, "stale": 0, "extra": 1}
    shown = content("S1", 2 if comes_back_as == "held" else 3)
    assert world.public().get("S1", (0, sha256_of(shown)))[1] == sha256_of(shown)
    assert ("CORRECT", "read_back_after_restore") in {
        (entry.op, entry.reason) for entry in world.ledger() if entry.key == "S1"
    }
    assert not any(entry.key == "S2" for entry in world.ledger())


def test_a_sender_adopts_even_when_the_plan_came_first(each_world: World) -> None:
    """The channel was down when the restored warehouse planned: version 2 is made again, and never leaves."""
    world = each_world
    world.due("S1", content("S1", 1))
    world.disclose()
    world.back_up()
    world.due("S1", content("S1", 2))
    world.disclose()
    world.restore()
    world.due("S1", content("S1", 9))

    world.disclose()
    world.let_time_pass()
    world.disclose()
    assert world.disclose() == {"match": 1, **CLEAN}

    assert world.refused() == []
    assert world.public()["S1"][1] == sha256_of(content("S1", 9))
    versions = [version for name, version in world.applied()]
    assert versions == sorted(versions)


def test_without_a_restore_nothing_is_adopted(each_world: World) -> None:
    world = each_world
    world.due("S1")
    world.disclose()
    world.public_copy.execute("update public_copy.item set version = 7")

    adopt.adopt_all(DAY)

    assert world.ledger() == [Entry("S1", 1, "UPSERT", None)]


@pytest.mark.parametrize("each_world", ["exchange_db", "sftp_batch"], indirect=True)
@pytest.mark.parametrize("point", ["adopt.read_back", "adopt.before_commit"])
def test_a_run_killed_while_it_adopts_is_repaired_by_the_next(each_world: World, point: str) -> None:
    world = each_world
    world.due("S1", content("S1", 1))
    world.disclose()
    world.back_up()
    world.due("S1", content("S1", 2))
    world.disclose()
    world.restore()
    with world.receiving():
        child = os.fork()
        if child == 0:
            os.environ[failpoints.VARIABLE] = f"{point}=kill"
            adopt.adopt_all(DAY)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        adopt.adopt_all(DAY)

    assert world.disclose() == {"match": 1, **CLEAN}
    assert world.public()["S1"] == (2, sha256_of(content("S1", 2)))
    assert world.ledger()[1:] == [Entry("S1", 2, "CORRECT", "read_back_after_restore")]
