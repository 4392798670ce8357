"""A batch that cannot be written holds up nobody: withdrawals and good rows go, what is at fault waits alone, named."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from disclosure_records import CHANNEL, DAY, record_id, sha256_of, spot_check
from disclosure_world import CLEAN, World
from fastapi import HTTPException

from market_regulation.disclosure import batches, deliver, exchange_keys, plan, refusals
from market_regulation.sandbox import receiver_http, receiver_intake

pytestmark = pytest.mark.e2e

BAD = {"model": "refuse me"}
on = pytest.mark.parametrize
refusing = on("each_world", ["exchange_db", "http_api"], indirect=True)
by_http = on("each_world", ["http_api"], indirect=True)


class Illness:
    """What makes the channel refuse every batch with a payload like ``BAD``, while it lasts."""

    def __init__(self, world: World) -> None:
        self.world, self.lasts = world, False

    def begin(self) -> None:
        self.lasts = True
        self.world.admin_exchange.execute(
            f"alter table outbound.spot_check add constraint not_bad check (payload ->> 'model' <> '{BAD['model']}')"
            " not valid"
        )

    def end(self) -> None:
        self.lasts = False
        self.world.admin_exchange.execute("alter table outbound.spot_check drop constraint if exists not_bad")


@pytest.fixture
def illness(each_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Illness]:
    """The channel, made to refuse ``BAD`` from ``begin`` to ``end``."""
    made, write = Illness(each_world), receiver_http._write

    def write_or_refuse(path: Path, content: bytes) -> None:
        if made.lasts and BAD["model"].encode() in content:
            raise HTTPException(422, "E105")
        write(path, content)

    monkeypatch.setattr(receiver_http, "_write", write_or_refuse)
    yield made
    made.end()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches as small as a test."""
    monkeypatch.setattr(batches, "BATCH", 8)
    monkeypatch.setattr(batches, "SMALLER", (4, 2, 1))


def shown(*keys: str) -> dict[str, tuple[int, str]]:
    return {key: (1, sha256_of(spot_check(key))) for key in keys}


def critical(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]


def run_until_still(world: World) -> None:
    """Run as often as the retry schedule would within two hours."""
    for _ in range(6):
        world.disclose()
        world.let_time_pass()


def assert_in_sequence(world: World) -> None:
    """No number is missing, and no batch names another than the one before."""
    rows = world.publisher.execute("select batch_no, previous_batch from disclosure.batch order by place").fetchall()
    numbers = [number for number, _ in rows]
    assert numbers == [f"11310000MB0000000920260316GX{n:04}" for n in range(1, len(rows) + 1)]
    assert [before for _, before in rows] == [None, *numbers[:-1]]


@refusing
@pytest.mark.usefixtures("small")
def test_a_row_that_is_refused_waits_alone_and_is_named(
    each_world: World, illness: Illness, caplog: pytest.LogCaptureFixture
) -> None:
    world = each_world
    illness.begin()
    world.due("S0")
    world.disclose()
    world.ended("S0", "WITHDRAW", "decision_revoked")
    for number in range(1, 6):
        world.due(f"S{number}")
    world.due("BAD", spot_check("BAD", **BAD))

    world.disclose()
    assert world.public() == {}  # the withdrawal went in the same run
    world.let_time_pass()
    world.due("NEW")
    world.disclose()
    assert "NEW" in world.public()  # and what was refused travels with nothing new
    run_until_still(world)

    good = [f"S{number}" for number in range(1, 6)] + ["NEW"]
    assert world.public() == shown(*good)
    assert world.outbox() == {(record_id("BAD"), 1): "queued"}
    assert f"{record_id('BAD')} version 1 is the reason" in critical(caplog)[-1]
    assert_in_sequence(world)
    assert world.refused() == []
    illness.end()
    assert world.disclose() == {"match": 7, **CLEAN}
    assert world.outbox() == {}
    versions = [(record_id(key), 1) for key in ["S0", "BAD", *good]] + [(record_id("S0"), 2)]
    assert sorted(world.applied()) == sorted(versions)
    assert_in_sequence(world)


@refusing
@pytest.mark.usefixtures("small")
def test_a_withdrawal_that_is_refused_holds_up_no_other(each_world: World, illness: Illness) -> None:
    world = each_world
    world.due("BAD", spot_check("BAD", **BAD))
    world.due("S1")
    world.disclose()
    illness.begin()
    world.ended("BAD", "WITHDRAW", "decision_revoked")
    world.ended("S1", "WITHDRAW", "decision_revoked")
    world.due("S2")
    run_until_still(world)
    assert set(world.public()) == {"BAD", "S2"}
    assert world.outbox() == {(record_id("BAD"), 2): "queued"}
    assert_in_sequence(world)
    illness.end()
    run_until_still(world)
    assert world.public() == shown("S2")


@refusing
def test_the_source_corrects_what_was_refused_and_it_is_published_at_once(each_world: World, illness: Illness) -> None:
    world = each_world
    world.due("S2")
    world.disclose()
    illness.begin()
    world.due("S1", spot_check("S1", **BAD))
    world.due("S2", spot_check("S2", **BAD))
    world.disclose()
    assert world.public() == shown("S2")
    world.due("S1")
    world.due("S2", spot_check("S2", brand="乙"))

    world.disclose()

    assert world.public() == {
        "S1": (2, sha256_of(spot_check("S1"))),
        "S2": (3, sha256_of(spot_check("S2", brand="乙"))),
    }
    assert world.outbox() == {}
    assert_in_sequence(world)


@refusing
@on("model", [BAD["model"], "Y-2"])
def test_what_was_cancelled_before_it_arrived_does_not_count_as_shown(
    each_world: World, illness: Illness, model: str
) -> None:
    """The batch was refused, the correction too: nothing of either is shown, whatever the source says next."""
    world = each_world
    world.due("S2")
    world.disclose()
    illness.begin()
    for key in ("S1", "S2"):
        world.due(key, spot_check(key, **BAD))
    world.disclose()
    for key in ("S1", "S2"):
        world.due(key, spot_check(key, product_name="玩具 13812345678"))
    world.disclose()
    assert world.public() == shown("S2")

    illness.end()
    for key in ("S1", "S2"):
        world.due(key, spot_check(key, model=model))
    run_until_still(world)

    assert {key: sha256 for key, (_, sha256) in world.public().items()} == {
        key: sha256_of(spot_check(key, model=model)) for key in ("S1", "S2")
    }


@on("each_world", ["exchange_db"], indirect=True)
class TestSchedule:
    """When and how often it is tried again."""

    def test_a_refused_row_waits_as_the_schedule_says(self, each_world: World, illness: Illness) -> None:
        """domain.md 8.4: 1, 5, 15, 60 minutes, then hourly."""
        illness.begin()
        each_world.due("S1", spot_check("S1", **BAD))
        plan.plan(DAY)
        waits = []
        for _ in range(6):
            assert deliver.deliver(DAY) == deliver.Delivered(refused=1)
            assert deliver.deliver(DAY) == deliver.Delivered()  # not before its time
            ((wait,),) = each_world.publisher.execute("select next_try_at - now() from disclosure.outbox").fetchall()
            waits.append(round(wait.total_seconds() / 60))
            each_world.let_time_pass()
        assert waits == [1, 5, 15, 60, 60, 60]
        assert each_world.publisher.execute("select count(*) from disclosure.batch").fetchone() == (0,)

    def test_a_run_ends_after_some_refusals(
        self, each_world: World, illness: Illness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        illness.begin()
        monkeypatch.setattr(batches, "BATCH", 1)
        monkeypatch.setattr(refusals, "MOST", 3)
        for number in range(5):
            each_world.due(f"S{number}", spot_check(f"S{number}", **BAD))
        plan.plan(DAY)
        assert [deliver.deliver(DAY).refused for _ in range(3)] == [3, 2, 0]

    def test_an_unknown_batch_that_is_refused_lets_the_withdrawal_behind_it_go_in_the_same_run(
        self, each_world: World, illness: Illness
    ) -> None:
        each_world.due("S0")
        each_world.disclose()
        each_world.due("S1", spot_check("S1", **BAD))
        each_world.die_at("exchange.before_commit")
        illness.begin()
        each_world.ended("S0", "WITHDRAW", "decision_revoked")
        plan.plan(DAY)

        assert deliver.deliver(DAY) == deliver.Delivered(batches=1, rows=1, resumed=1, refused=1)

        each_world.turn()
        assert each_world.public() == {}

    def test_a_version_that_was_withdrawn_meanwhile_is_not_tried_again(
        self, each_world: World, illness: Illness
    ) -> None:
        each_world.due("S1")
        each_world.die_at("exchange.before_commit")
        each_world.ended("S1", "WITHDRAW", "decision_revoked")
        plan.plan(DAY)
        each_world.admin_exchange.execute(
            "alter table outbound.spot_check add constraint not_bad check (op = 'WITHDRAW')"
        )
        deliver.deliver(DAY)
        illness.end()
        assert each_world.outbox() == {(record_id("S1"), 2): "sent"}

    @on("point", ["refusals.before_commit", "deliver.dissolved"])
    def test_a_run_killed_while_it_dissolves_is_repaired_by_the_next(
        self, each_world: World, illness: Illness, point: str
    ) -> None:
        world = each_world
        illness.begin()
        world.due("S1")
        world.due("BAD", spot_check("BAD", **BAD))
        world.die_at(point)
        world.let_time_pass()
        illness.end()
        assert world.disclose() == {"match": 2, **CLEAN}
        assert sorted(world.applied()) == sorted([(record_id("S1"), 1), (record_id("BAD"), 1)])
        assert_in_sequence(world)
        assert world.outbox() == {}


class TestSealedParts:
    """A key is erased between the decision and the sending."""

    @pytest.fixture(autouse=True)
    def _keys(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange_keys, "_file", lambda: tmp_path / "keys" / "exchange.json")

    def seal(self, world: World, *keys: str) -> None:
        """Plan, and give these records a sealed part."""
        plan.plan(DAY)
        held = exchange_keys.load()
        for key in keys:
            part = held.close(b'{"CF_XDR_ZJHM": "1"}', f"{record_id(key)}:1")
            world.publisher.execute(
                "insert into private.exchange_part values (%s, 1, %s, %s)", [record_id(key), part, held.active]
            )

    def test_only_the_rows_that_cannot_be_opened_stay_behind(
        self, each_world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world = each_world
        for key in ("S0", "S1", "S2", "S3", "S4"):
            world.due(key)
        self.seal(world, "S1", "S4")
        erased = exchange_keys.load().active
        exchange_keys.rotate("SM4-GCM")
        self.seal(world, "S2")
        exchange_keys.erase(erased)
        world.admin_warehouse.execute(
            "update private.exchange_part set key_id = %s where record_id = %s",
            [exchange_keys.load().active, record_id("S4")],
        )

        assert world.disclose() == {"match": 3, **CLEAN}

        assert world.public() == shown("S0", "S2", "S3")
        states = world.publisher.execute("select record_id, state, error_code from disclosure.outbox").fetchall()
        assert sorted(states) == sorted(
            [(record_id("S1"), "rejected", "KEY_ERASED"), (record_id("S4"), "rejected", "SEAL_BROKEN")]
        )
        (alarm,) = critical(caplog)
        assert all(record_id(key) in alarm for key in ("S1", "S4"))
        assert_in_sequence(world)
        world.due("S1", spot_check("S1", brand="乙"))
        world.disclose()
        assert world.public()["S1"] == (2, sha256_of(spot_check("S1", brand="乙")))

    def test_without_a_key_file_what_needs_none_goes(
        self, each_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        world = each_world
        world.due("S0")
        world.disclose()
        world.due("S1")
        self.seal(world, "S1")
        world.ended("S0", "WITHDRAW", "decision_revoked")
        with monkeypatch.context() as patch:
            patch.setenv("EXCHANGE_KEYS_FILE", "missing")
            patch.setattr(exchange_keys, "_file", lambda: tmp_path / "missing")
            world.disclose()
            assert world.public() == {}
            assert world.outbox() == {(record_id("S1"), 1): "queued"}
        world.let_time_pass()
        world.disclose()
        assert world.public() == shown("S1")


@by_http
class TestTakenAfterAll:
    """A batch timed out, was refused when it was put again, and then the first try was taken after all."""

    def lose(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """Put S1 and S2; the answer is lost, the second try is refused. Returns what takes the first try after all."""
        late: list[tuple[Path, bytes]] = []
        write = receiver_http._write

        def stumble(path: Path, content: bytes) -> None:
            if not path.name.endswith(".ndjson"):
                write(path, content)
                return
            late.append((path, content))
            raise HTTPException(500 if len(late) == 1 else 422, "E105")

        world.due("S1")
        world.due("S2")
        with monkeypatch.context() as patch:
            patch.setattr(receiver_http, "_write", stumble)
            plan.plan(DAY)
            with pytest.raises(deliver.ChannelError):
                deliver.deliver(DAY)
            world.let_time_pass()
            assert deliver.deliver(DAY) == deliver.Delivered(resumed=1, refused=1)
        assert set(world.outbox().values()) == {"queued"}
        return lambda: write(*late[0])

    def test_before_the_next_batch(self, each_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lose(each_world, monkeypatch)()
        each_world.due("S3")
        self.assert_right(each_world)

    def test_after_the_next_batch_was_made_with_its_number(
        self, each_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        world = each_world
        take_after_all = self.lose(world, monkeypatch)
        world.due("S3")
        world.die_at("http.before_put")
        take_after_all()
        world.let_time_pass()

        assert deliver.deliver(DAY).altered == 1

        assert "another content" in critical(caplog)[-1]
        self.assert_right(world)

    def assert_right(self, world: World) -> None:
        run_until_still(world)
        assert world.disclose() == {"match": 3, **CLEAN}
        assert world.public() == shown("S1", "S2", "S3")
        assert world.outbox() == {}
        assert world.refused() == []
        files = sorted(file.stem for file in (receiver_intake.spool() / CHANNEL).glob("*.ndjson"))
        assert [name[-4:] for name in files] == [f"{n:04}" for n in range(1, len(files) + 1)]


@by_http
@on("status", [401, 403, 408, 429])
def test_a_refusal_of_the_sender_or_the_moment_is_no_refusal_of_the_batch(
    each_world: World, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    def refuse(path: Path, _content: bytes) -> None:
        raise HTTPException(status, "E301")

    each_world.due("S1")
    plan.plan(DAY)
    with monkeypatch.context() as patch:
        patch.setattr(receiver_http, "_write", refuse)
        with pytest.raises(deliver.ChannelError):
            deliver.deliver(DAY)
    assert each_world.outbox() == {(record_id("S1"), 1): "unknown"}
    each_world.let_time_pass()
    assert each_world.disclose() == {"match": 1, **CLEAN}


class TestPrivileges:
    """The publisher deletes no batch itself, and takes none back that was written."""

    def test_a_batch_that_was_written_or_is_followed_by_another_stays(self, world: World) -> None:
        world.due("S1")
        world.send()
        ((written,),) = world.publisher.execute("select batch_no from disclosure.batch").fetchall()
        for statement in ("delete from disclosure.batch", "delete from disclosure.sending"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                world.publisher.execute(statement)
        with pytest.raises(psycopg.errors.RaiseException, match="it stays"):
            world.publisher.execute("select disclosure.dissolve_batch(%s)", [written])
        world.due("S2")
        world.send()
        world.admin_warehouse.execute("update disclosure.batch set written_at = null")
        with pytest.raises(psycopg.errors.RaiseException, match="it stays"):
            world.publisher.execute("select disclosure.dissolve_batch(%s)", [written])

    def test_nobody_else_may_call_it(self, world: World) -> None:
        for connection in (world.warehouse, world.loader):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select disclosure.dissolve_batch('x')")
