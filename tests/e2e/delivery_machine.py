"""A state machine over the real plan, sender, receipts and reconciliation, and the real receiver of the sandbox.

Facts come, the sender dies at a point, the receiver is busy, its answers are held back, lost, repeated and shuffled,
each in any order. After every step the receiver's own log is judged; in the end the public copy must be the model's.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from delivery_doors import SlowDoor
from delivery_model import Fact, Model
from disclosure_records import DAY, USCC, record_id, sha256_of, spot_check
from disclosure_world import World
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from market_regulation import failpoints
from market_regulation.disclosure import deliver, plan, receipts, reconcile
from market_regulation.sandbox.receiver import Receiver
from market_regulation.sandbox.receiver_store import Receipt

KEYS = ("A", "B")
# Withdrawals after which a record may come back, and the legal basis it comes back by (disclosure_world.MARTS).
RETURNS = {"objection_accepted": "objection_decided", "not_shown": "hold_released"}
TEMPORARY = "E901"
REFUSALS = {"E110", "E203", "E205", TEMPORARY}  # of a content, of a version overtaken or not possible now, for a while
CRASHES: dict[str, Callable[[], object]] = {
    "plan.before_commit": lambda: plan.plan(DAY),
    "plan.committed": lambda: plan.plan(DAY),
    **dict.fromkeys(
        (
            "deliver.begun", "deliver.before_take", "deliver.taken", "exchange.rows_written", "exchange.before_commit",
            "exchange.committed", "deliver.written", "deliver.before_mark", "deliver.marked", "deliver.resumed",
        ),
        lambda: deliver.deliver(DAY),
    ),
    **dict.fromkeys(
        ("receipts.kept", "receipts.before_commit", "receipts.committed"), lambda: receipts.collect()
    ),
    **dict.fromkeys(
        ("exchange.asked", "reconcile.read", "reconcile.before_commit", "reconcile.committed"),
        lambda: reconcile.reconcile(DAY),
    ),
}  # fmt: skip
FACTS: list[Fact] = [
    "due", "due", "due", "due", "refused content", "objection", "objection", "stay", "stay", "revoked",
    "no longer due", "term ended",
]  # fmt: skip
keys = st.sampled_from(KEYS)


class Delivery(RuleBasedStateMachine):
    """One world, emptied before each example; time passes only when a step says so."""

    def __init__(
        self, world: World, empty: Callable[[], None], connections: Callable[..., Any], patch: Callable[..., None]
    ) -> None:
        super().__init__()
        empty()
        self.world, self.model, self.busy = world, Model(), ""
        self.said: dict[str, set[str]] = {}
        self.door = SlowDoor(world.door())
        self.receiver = Receiver(world.public_copy)
        patch(
            "market_regulation.sandbox.receiver.is_refused",
            lambda _, __, version: self.busy == ("even", "odd")[version % 2],
        )
        patch("psycopg.connect", connections)
        waiting = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _: self.receiver.turn(self.door))
        patch("market_regulation.disclosure.channels.exchange_db.time", waiting)

    # facts

    @initialize(known=st.sampled_from(["nothing", "due", "public", "public"]))
    def begin(self, known: str) -> None:
        for key in KEYS if known != "nothing" else ():
            self.fact(key, "due", 0)
        if known == "public":
            self.send(plans=True, waits=False)
            self.receive("")
            self._give(self.door.answers)
            receipts.collect()

    @rule(key=keys, fact=st.sampled_from(FACTS), content=st.integers(0, 2))
    def fact(self, key: str, fact: Fact, content: int) -> None:
        if key in self.model.closed:
            return
        self.model.tell(key, fact, content)
        if fact == "due":
            self.said.setdefault(key, set()).add(sha256_of(shown_as(key, content)))
        tell: dict[Fact, Callable[[], object]] = {
            "due": lambda: self.world.due(key, shown_as(key, content)),
            "refused content": lambda: self.world.due(key, spot_check(key, product_name="玩具 13812345678")),
            "revoked": lambda: self.world.ended(key, "WITHDRAW", "decision_revoked"),
            "no longer due": lambda: self.world.forget(key),
            "term ended": lambda: self.world.ended(key, "STOP", "term_ended"),
            "objection": lambda: self.world.held(key, "objection_pending"),
            "stay": lambda: self.world.held(key, "stayed_by_court"),
        }
        tell[fact]()

    # what the platform does

    @rule()
    def plan(self) -> None:
        plan.plan(DAY)
        self._planned(self.model.facts)

    @rule(plans=st.booleans(), waits=st.booleans())
    def send(self, plans: bool, waits: bool) -> None:
        """Send what is due, after the waits of the retry schedule or at once."""
        if plans:
            self.plan()
        if waits:
            self.world.let_time_pass()
        deliver.deliver(DAY)

    @rule(reads=st.booleans(), waits=st.booleans())
    def reconcile(self, reads: bool, waits: bool) -> None:
        """Ask a receiver that has read its batches, or has not, for what it shows."""
        if waits:
            self.world.let_time_pass()
        self.door.reads = reads
        reconcile.reconcile(DAY)
        self.door.reads = True

    @rule(point=st.sampled_from(sorted(CRASHES)))
    def crash(self, point: str) -> None:
        """Let a run die at this point; what a dead plan wrote is seen in the ledger."""
        if not point.startswith("plan."):
            self.plan()
        before = self._versions()
        self.world.let_time_pass()
        os.environ[failpoints.VARIABLE] = f"{point}=raise"
        try:
            CRASHES[point]()
        except failpoints.FailpointError:
            news = self._versions().items() - before.items()
            planned: Iterable[str] = [key for key in self.model.facts if record_id(key) in dict(news)]
        else:
            planned = self.model.facts if point.startswith("plan.") else ()
        finally:
            del os.environ[failpoints.VARIABLE]
        self._planned(planned)

    def _planned(self, which: Iterable[str]) -> None:
        for key in which:
            self.model.plan(key)

    def _versions(self) -> dict[str, int]:
        rows = self.world.publisher.execute("select record_id, max(version) from disclosure.record group by 1")
        return dict(rows.fetchall())

    # what the receiver does

    @rule(busy=st.sampled_from(["", "odd", "even"]))
    def receive(self, busy: str) -> None:
        """Read what lies there, perhaps too busy for the odd or the even versions."""
        self.busy = busy
        self.receiver.turn(self.door)
        self.busy = ""

    @rule(data=st.data(), twice=st.booleans())
    def answer(self, data: st.DataObject, twice: bool) -> None:
        """Give out some answers, in any order, perhaps twice; the others come later. The platform fetches them."""
        shuffled = data.draw(st.permutations(self.door.answers), label="answers")
        given = shuffled[: data.draw(st.integers(0, len(shuffled)), label="given")]
        again = [answer._replace(receipt_id=f"{answer.receipt_id}/again") for answer in given] if twice else []
        self._give([*given, *again])
        receipts.collect()

    def _give(self, answers: Sequence[Receipt]) -> None:
        self.world.door().send(answers)
        self.door.answers = [answer for answer in self.door.answers if answer not in answers]

    @precondition(lambda self: self.door.answers)
    @rule()
    def lose(self) -> None:
        self.door.answers.clear()

    # what must hold

    @invariant()
    def versions_take_effect_once_and_in_order(self) -> None:
        refused = {row for row, code in self.door.refused.items() if code != TEMPORARY}
        last: dict[str, int] = {}
        for record, version, op, _ in self._applications():
            assert version > last.get(record, 0), f"{record[:8]}: version {version} after {last[record]}"
            skipped = range(last.get(record, 0) + 1, version)
            assert op in ("WITHDRAW", "UPSERT") or all((record, v) in refused for v in skipped), "a version is skipped"
            last[record] = version

    @invariant()
    def what_was_withdrawn_comes_back_by_a_new_legal_basis_only(self) -> None:
        entries = {(r, v): (op, reason) for r, v, op, reason in self._ledger()}
        ended: dict[str, str] = {}
        for record, version, op, visible in self._applications():
            if visible and record in ended:
                assert op == "UPSERT", f"shown again after {ended[record]}"
                assert ended[record] in RETURNS, f"shown again after {ended[record]}"
                assert entries[record, version][1] == RETURNS[ended[record]], "shown again without a new legal basis"
            if op in ("WITHDRAW", "STOP"):
                ended[record] = entries[record, version][1]
            elif visible:
                ended.pop(record, None)

    @invariant()
    def nothing_is_shown_that_no_fact_said(self) -> None:
        assert all(sha256 in self.said[key] for key, (_, sha256) in self.world.public().items())

    @invariant()
    def no_batch_is_refused(self) -> None:
        assert set(self.door.refused.values()) <= REFUSALS, (
            "a batch is altered or out of sequence, or a version has two contents"
        )

    def teardown(self) -> None:
        """All is well again: in the end the public sees what the model says, and nothing is left to do."""
        for _ in range(6):  # a version may wait for the one before it, and that for the inventory
            self.send(plans=True, waits=True)
            self.receive("")
            self._give(self.door.answers)
            receipts.collect()
            result = reconcile.reconcile(DAY)
            if self._is_quiet():
                break
        self.check_invariants_of_the_end(result)

    def _is_quiet(self) -> bool:
        return set(self.world.outbox().values()) <= {"rejected"} and plan.plan(DAY).operations == {}

    def check_invariants_of_the_end(self, result: dict[str, int]) -> None:
        self.versions_take_effect_once_and_in_order()
        self.no_batch_is_refused()
        self.what_was_withdrawn_comes_back_by_a_new_legal_basis_only()
        expected = {key: sha256_of(shown_as(key, content)) for key, content in self.model.public().items()}
        assert {key: sha256 for key, (_, sha256) in self.world.public().items()} == expected
        assert set(self.world.outbox().values()) <= {"rejected"}
        assert result == {"match": len(expected), "missing": 0, "stale": 0, "extra": 0}

    def _applications(self) -> list[tuple[str, int, str, bool]]:
        return self.world.public_copy.execute(
            "select record_id, version, op, visible from public_copy.application order by place"
        ).fetchall()

    def _ledger(self) -> list[tuple[str, int, str, str | None]]:
        query = "select record_id, version, op, reason_code from disclosure.record"
        return self.world.publisher.execute(query).fetchall()


def shown_as(key: str, content: int) -> dict[str, Any]:
    """A content of the record that the receiver takes."""
    return spot_check(key, model=f"M-{content}", subject_uscc=USCC)
