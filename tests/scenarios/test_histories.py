"""Random histories through the whole chain: on every business day the public sees what the reference model says.

All histories are in the databases together. The receiver misbehaves on some days, and the platform is killed at a
failpoint on others.
"""

import datetime as dt
import hashlib
import json
import os
import random
import time
from collections.abc import Sequence
from typing import NamedTuple

import fact_rows
import pytest
from chain import Chain, Shown
from histories import DAYS, deliveries, histories, record_key
from reference_model import History, is_working_day, public_copy

from market_regulation import settings
from market_regulation.disclosure.channels.contract import InventoryUnansweredError
from market_regulation.sources.catalog import load_sources

POINTS = (
    "plan.before_commit", "plan.committed", "deliver.taken", "exchange.rows_written", "exchange.before_commit",
    "deliver.written", "deliver.before_mark", "deliver.marked",
)  # fmt: skip


class Mismatch(NamedTuple):
    """A history and a day on which the public saw something else than it should."""

    history: History
    day: dt.date
    channel: str
    expected: dict[str, str]
    seen: dict[str, str]


@pytest.mark.e2e
def test_the_public_copy_is_right_on_every_day(chain: Chain) -> None:
    """300 histories."""
    _check(_simulate(chain, seed=1, count=300))


@pytest.mark.chaos
def test_the_public_copy_is_right_on_every_day_of_many_histories(chain: Chain) -> None:
    """5,000 histories; `$SEED` chooses others."""
    seed = int(os.environ.get("SEED", "2"))
    mismatches = _simulate(chain, seed, count=5_000)
    _write_figures({"histories.n": 5_000, "histories.mismatches": len({m.history.name for m in mismatches})})
    _check(mismatches)


def test_the_model_counts_working_days_as_the_official_calendar_does() -> None:
    """The model's literal calendar agrees with the published one."""
    chinese_calendar = pytest.importorskip("chinese_calendar")
    days = [dt.date(2025, 12, 1) + dt.timedelta(days=n) for n in range(396)]
    assert [day for day in days if is_working_day(day) != chinese_calendar.is_workday(day)] == []


def _simulate(chain: Chain, seed: int, count: int) -> list[Mismatch]:
    """Run every day and return what differed from the model."""
    chance = random.Random(seed)
    chain.first_build([source.source for source in load_sources()], DAYS[0])
    chain.store_document(*fact_rows.DOCUMENT)
    used = {e for (e,) in chain.admin.execute("select event_type from reference.event_type where is_used")}
    told = histories(seed, count, used)
    rows, down = deliveries(told), set(chance.sample(DAYS[1:-1], 2))
    expected = {
        (history.name, channel): list(public_copy(history, channel, DAYS, down))
        for history in told
        for channel in chain.channels()
    }
    mismatches: list[Mismatch] = []
    for number, day in enumerate(DAYS):
        began = time.monotonic()
        for source, delivered in rows[day].items():
            chain.deliver(source, day, delivered)
        chain.build(day)
        what = _disclose(chain, day, chance, is_down=day in down)
        seen = chain.public()
        found = [
            Mismatch(history, day, channel, expected[history.name, channel][number], shown)
            for history in told
            for channel in chain.channels()
            if (shown := _shown(history, channel, seen)) != expected[history.name, channel][number]
        ]
        mismatches += found
        visible = sum(item.visible for item in seen.values())
        print(f"seed {seed}, {day}: {what}, {visible} visible, {len(found)} wrong, {time.monotonic() - began:.1f} s")
    return mismatches


def _disclose(chain: Chain, day: dt.date, chance: random.Random, is_down: bool) -> str:
    """A day's work with whatever goes wrong on it; says what that was."""
    if is_down:
        with pytest.MonkeyPatch.context() as patch, chain.misbehaving("down"):
            patch.setenv("RECEIPT_WAIT_SECONDS", "0.1")
            with pytest.raises(InventoryUnansweredError):
                chain.one_run(day)
        return "receiver down"
    trouble = chance.choice(("none", "crash", "crash", "lost receipts"))
    if trouble == "crash":
        trouble = f"killed at {(point := chance.choice(POINTS))}"
        chain.crash(day, point)
    if trouble == "lost receipts":
        with pytest.MonkeyPatch.context() as patch, chain.misbehaving("drop_receipts"), chain.receiving():
            patch.setenv("RECEIPT_WAIT_SECONDS", "0.5")
            chain.one_run(day)
    chain.disclose(day)
    return trouble


def _shown(history: History, channel: str, seen: dict[str, Shown]) -> dict[str, str]:
    """What the public sees of a history: the text of each visible record."""
    shown = {}
    for record in ("",) if history.kind == "penalty" else ("producer", "seller"):
        record_type, key = record_key(history, record)
        item = seen.get(hashlib.sha256(f"{channel}\x1f{record_type}\x1f{key}".encode()).hexdigest())
        if item and item.visible:
            texts = (item.payload.get(name) for name in ("violation_fact", "CF_SY", "model"))
            shown[record] = next(text for text in texts if text)
    return shown


def _check(mismatches: Sequence[Mismatch]) -> None:
    """Fail with the shortest histories that went wrong, each told in full up to its first wrong day."""
    shortest = sorted({m.history.name: m for m in reversed(mismatches)}.values(), key=lambda m: len(m.history.facts))
    told = "\n".join([f"{len(shortest)} histories went wrong, the shortest are:", *map(_tell, shortest[:3])])
    assert not shortest, told


def _tell(mismatch: Mismatch) -> str:
    known = [fact for fact in mismatch.history.facts if fact.known <= mismatch.day]
    lines = [f"  {f.known} {f.what} {f.of} of {f.happened} {dict(f.said) or ''}" for f in known]
    seen = f"expected on {mismatch.day} on {mismatch.channel}: {mismatch.expected}, seen: {mismatch.seen}"
    return "\n".join([f"{mismatch.history.name} ({mismatch.history.kind})", *lines, seen])


def _write_figures(figures: dict[str, int]) -> None:
    file = settings.project_root() / ".local" / "chaos.json"
    file.parent.mkdir(exist_ok=True)
    before = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**before, **figures}, indent=2))
