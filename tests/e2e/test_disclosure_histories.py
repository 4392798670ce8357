"""D4: whatever happens in whatever order, versions take effect once and in order, and what ended stays hidden."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from delivery_doors import Connections
from delivery_machine import Delivery
from disclosure_world import World
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from market_regulation.disclosure import batches, deliver
from market_regulation.failpoints import hit

pytestmark = pytest.mark.e2e

SETTINGS = settings(stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
Run = Callable[[settings], None]


@pytest.fixture
def run(world: World, empty_world: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run histories, each in a world emptied before it."""
    monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0")
    connections = Connections()

    def begin() -> Delivery:
        return Delivery(world, empty_world, connections.connect, monkeypatch.setattr)

    yield lambda options: run_state_machine_as_test(begin, settings=options)
    connections.close()


def test_two_hundred_histories(run: Run) -> None:
    run(settings(SETTINGS, max_examples=200, derandomize=True))


@pytest.mark.chaos
def test_two_thousand_histories(run: Run) -> None:
    run(settings(SETTINGS, max_examples=2_000))


def _without_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every version at once."""
    disordered = batches._TAKE.replace("o.op = 'WITHDRAW'\n", "true\n", 1)
    assert disordered != batches._TAKE
    monkeypatch.setattr(batches, "_TAKE", disordered)


def _marked_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mark a batch as written, and only then write it."""
    write = deliver._Sender._write

    def too_early(sender: Any, head: Any, done: Any) -> None:
        batches.mark_written(sender.warehouse, head)
        sender.warehouse.commit()
        hit("deliver.marked")
        write(sender, head, done)

    monkeypatch.setattr(deliver._Sender, "_write", too_early)


def _without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the receiver take every version as a new one."""
    monkeypatch.setattr("market_regulation.sandbox.receiver.is_repeated", lambda *_: False)


@pytest.mark.chaos
@pytest.mark.parametrize("fault", [_without_order, _marked_before_it_is_sent, _without_memory])
def test_a_planted_fault_is_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        run(settings(SETTINGS, max_examples=2_000, derandomize=True, phases=[Phase.generate]))
