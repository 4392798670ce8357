"""Random histories of facts and faults against a model of a few lines: in the end the public sees what it should."""

import itertools
import os
from collections.abc import Callable
from typing import Literal

import pytest
from disclosure_records import DAY, USCC, sha256_of, spot_check
from disclosure_world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_regulation.disclosure import deliver, plan, receipts

pytestmark = pytest.mark.e2e

KEYS = 3
Fact = tuple[Literal["due", "revoke", "end", "object", "forget"], int, int]
Step = Fact | tuple[Literal["plan", "deliver", "receive", "collect", "lose", "wait"], int, int]

facts = st.tuples(
    st.sampled_from(["due", "due", "due", "revoke", "end", "object", "forget"]),
    st.integers(0, KEYS - 1),
    st.integers(0, 2),
)
acts = st.tuples(
    st.sampled_from(["plan", "plan", "deliver", "deliver", "receive", "collect", "lose", "wait"]),
    st.just(0),
    st.just(0),
)
_examples = itertools.count()


class Model:
    """What should be public: a record is shown with its newest content until it ends, and never again after."""

    def __init__(self) -> None:
        self.wanted: dict[int, int | None] = {}
        self.begun: set[int] = set()
        self.over: set[int] = set()

    def fact(self, name: str, key: int, content: int) -> None:
        self.wanted[key] = content if name == "due" else None

    def plan(self) -> None:
        for key, content in self.wanted.items():
            if content is not None and key not in self.over:
                self.begun.add(key)
            elif content is None and key in self.begun:
                self.over.add(key)

    def public(self) -> dict[int, int]:
        return {k: c for k, c in self.wanted.items() if c is not None and k not in self.over}


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.one_of(facts, acts), min_size=5, max_size=25))
def test_every_history_ends_with_the_right_public_copy(world: World, steps: list[Step]) -> None:
    os.environ["RECEIPT_WAIT_SECONDS"] = "1"  # the fixture sets it back
    prefix, model = f"H{next(_examples)}-", Model()
    world.warehouse.execute("truncate marts.disclosure_due, marts.disclosure_held, marts.disclosure_ended")
    world.disclose()
    for name, key, content in steps:
        _apply(world, model, name, f"{prefix}{key}", key, content)
    model.plan()

    for _ in range(4):  # a version may wait for the one before it
        world.let_time_pass()
        world.disclose()

    shown = {key: at for key, at in world.public().items() if key.startswith(prefix)}
    expected = {
        f"{prefix}{key}": sha256_of(_content(f"{prefix}{key}", content)) for key, content in model.public().items()
    }
    assert {key: sha256 for key, (_, sha256) in shown.items()} == expected
    assert world.outbox() == {}
    assert len(world.applied()) == len(set(world.applied()))


def _apply(world: World, model: Model, name: str, source_key: str, key: int, content: int) -> None:
    facts: dict[str, Callable[[], object]] = {
        "due": lambda: world.due(source_key, _content(source_key, content)),
        "revoke": lambda: world.ended(source_key, "WITHDRAW", "decision_revoked"),
        "end": lambda: world.ended(source_key, "STOP", "term_ended"),
        "object": lambda: world.held(source_key, "objection_pending"),
        "forget": lambda: world.forget(source_key),
    }
    acts: dict[str, Callable[[], object]] = {
        "plan": lambda: (model.plan(), plan.plan(DAY)),
        "deliver": lambda: deliver.deliver(DAY),
        "receive": world.turn,
        "collect": _collect,
        "lose": lambda: (world.misbehave("drop_receipts"), world.turn(), world.misbehave()),
        "wait": world.let_time_pass,
    }
    if name in facts:
        model.fact(name, key, content)
    (facts | acts)[name]()


def _collect() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECEIPT_WAIT_SECONDS", "0")
        receipts.collect()


def _content(source_key: str, content: int) -> dict[str, object]:
    return spot_check(source_key, model=f"M-{content}", subject_uscc=USCC)
