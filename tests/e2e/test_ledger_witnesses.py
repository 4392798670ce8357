"""A2: what two receivers hold of the ledger must be one history; a ledger that told them two is exposed."""

import pytest
from disclosure_records import DAY
from disclosure_world import World
from test_ledger_chain import REBUILD

from market_regulation.disclosure import deliver, ledger, plan

pytestmark = pytest.mark.e2e

OTHER = "credit_china"


@pytest.fixture
def two_channels(world: World) -> World:
    """A ledger with one row for each of two channels, nothing sent yet."""
    world.admin_warehouse.execute("update disclosure.channel set enabled = true, transport = 'exchange_db'")
    world.due("S1")
    world.due("S2", channel=OTHER)
    plan.plan(DAY)
    return world


def test_two_receivers_that_were_shown_one_ledger_raise_no_alarm(two_channels: World) -> None:
    for channel in ("gsxt", OTHER):
        deliver.deliver(DAY, channel)
    heads = two_channels.exchange.execute("select distinct chain_head from outbound.batch").fetchall()
    assert len(heads) == 1
    assert ledger.verify() == 2


@pytest.mark.parametrize(("honest", "deceived"), [("gsxt", OTHER), (OTHER, "gsxt")])
def test_a_ledger_that_showed_another_history_to_one_receiver_is_exposed(
    two_channels: World, honest: str, deceived: str
) -> None:
    world = two_channels
    deliver.deliver(DAY, honest)
    _rewrite(world, "rule_id = rule_id || 'x'")
    deliver.deliver(DAY, deceived)
    _rewrite(world, "rule_id = left(rule_id, -1)")
    assert world.publisher.execute("select * from disclosure.broken_link()").fetchall() == []

    with pytest.raises(ledger.LedgerBrokenError) as error:
        ledger.verify()

    (told,) = world.exchange.execute("select batch_no from outbound.batch where channel = %s", [deceived]).fetchall()
    assert str(error.value) == f"the ledger was tampered with: row 2: batch {told[0]} witnesses another row"


def _rewrite(world: World, change: str) -> None:
    """Change the first row as a superuser can, and rebuild the whole chain after it."""
    with world.admin_warehouse.transaction():
        world.admin_warehouse.execute("set local session_replication_role = replica")
        world.admin_warehouse.execute(f"update disclosure.record set {change} where seq = 1;" + REBUILD)
