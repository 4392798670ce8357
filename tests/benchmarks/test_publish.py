"""How fast due records reach each receiver's intake, next to a bare COPY, file write or HTTP loop of the same bytes.

The clock runs from 100,000 records in ledger and outbox, unsent, to all of them in the receiver's intake and marked as
sent. What comes before (``publish.ledger_s``: the plan) and after (``publish.receipts_s``: the answers) has figures of
its own, each of one round. The receiver only stores; it does not judge meanwhile. The sides take turns, the figures of
both are medians of their rounds. A sender is a process of its own; the receiver's servers are another one.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bare_side
import psycopg
import pytest
from benchmark_figures import ROOT
from disclosure_records import CHANNEL, DAY, USCC, spot_check
from disclosure_world import MARTS, World
from psycopg.conninfo import make_conninfo

from market_regulation import settings
from market_regulation.disclosure import plan, receipts
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADMIN
from market_regulation.sandbox import receiver_intake, receiver_sftp, services
from market_regulation.sandbox.http_server import HttpServer
from market_regulation.sandbox.receiver_store import Receipt

pytestmark = pytest.mark.bench
HERE = Path(__file__).parent
WORKER = HERE / "publish_worker.py"
ROWS, FEW, ROUNDS = 100_000, 20_000, 3
TRANSPORTS = {  # transport -> name in the figures, name of its ratio
    "exchange_db": ("exchange_db", "ratio_to_copy"),
    "sftp_batch": ("sftp", "ratio_to_file"),
    "http_api": ("http", "ratio_to_loop"),
}
Record = Callable[[str, float], None]

# Spot checks found wanting: 22 fields, no documents, nothing that only the exchange may carry.
DUE = """
insert into marts.disclosure_due
select
    disclosure.record_id(%(channel)s, 'spot_check', key), %(channel)s, 'spot_check', key, %(uscc)s, %(uscc)s,
    '某某玩具有限公司', 'R1', null, null, null, '2026-03-30', false, null, 12, false, '', payload,
    disclosure.payload_sha256(payload), null, null, 7, n, %(day)s, %(day)s
from generate_series(1, %(rows)s) as n
cross join lateral (select 'S' || to_char(n, 'FM000000') as key) as k
cross join lateral (select %(payload)s::jsonb || jsonb_build_object('sample_no', key) as payload) as p
"""

SENT = "select batch_no, record_id, version from disclosure.sending order by 1, 2, 3"


@pytest.fixture(scope="module")
def world(platform_home: Path) -> Iterator[World]:
    """An empty platform with the receiver's servers up."""
    password = read_json(platform_home / "postgres" / "passwords.json")[ADMIN]

    def admin_uri(database: str) -> str:
        return make_conninfo(settings.dsn("airflow", "owner"), user=ADMIN, password=password, dbname=database)

    with psycopg.connect(admin_uri("warehouse"), autocommit=True) as admin:
        admin.execute(MARTS)
    with services.receivers():
        world = World(admin_uri)
        yield world
        world.close()


@pytest.fixture(scope="module")
def ledger(world: World) -> float:
    """100,000 records in ledger and outbox; the seconds that took."""
    due(world, ROWS)
    began = time.perf_counter()
    assert plan.plan(DAY).operations == {"UPSERT": ROWS}
    return time.perf_counter() - began


def test_ledger(ledger: float, record: Record) -> None:
    record("publish.ledger_s", ledger)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_publish_beside_the_bare_side(
    transport: str, world: World, ledger: float, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.use(transport)
    short, ratio = TRANSPORTS[transport]
    name = f"publish.{short}"
    monkeypatch.setenv(bare_side.FOLDER, str(tmp_path))
    refill(world, FEW)
    few = deliver(FEW)
    took, bare = [], []
    for _ in range(ROUNDS):
        refill(world, ROWS)
        took.append(deliver(ROWS))
        bare.append(bare_seconds(transport, world, tmp_path))
        print(f"{transport}: bare {bare[-1]:.2f} s, sent {took[-1]['seconds']:.2f} s", file=sys.stderr, flush=True)
    seconds, bare_median = statistics.median(one["seconds"] for one in took), statistics.median(bare)
    record(f"{name}.seconds", seconds)
    record(f"{name}.bare_s", bare_median)
    record(f"{name}.{ratio}", bare_median / seconds)
    record(f"{name}.rss_mb_20k", few["rss_mb"])
    record(f"{name}.rss_mb_100k", max(one["rss_mb"] for one in took))
    record("publish.receipts_s" if transport == "exchange_db" else f"{name}.receipts_s", collected_seconds(world))


def due(world: World, rows: int) -> None:
    """Let spot checks be due."""
    payload = json.dumps(spot_check("S"), ensure_ascii=False)
    values = {"rows": rows, "channel": CHANNEL, "uscc": USCC, "day": DAY, "payload": payload}
    world.warehouse.execute(DUE, values)


def refill(world: World, rows: int) -> None:
    """Nothing was sent: the outbox is as the plan leaves it, the receiver's intake is empty."""
    world.admin_warehouse.execute(
        "truncate disclosure.outbox, disclosure.sending, disclosure.batch, disclosure.receipt"
    )
    world.admin_warehouse.execute(
        "insert into disclosure.outbox (record_id, version, channel, state, op, seq)"
        " select record_id, version, channel, 'queued', op, seq from disclosure.record order by seq limit %s",
        [rows],
    )
    world.admin_exchange.execute("truncate outbound.batch, inbound.receipt cascade")
    for folder in (receiver_sftp.root() / CHANNEL, receiver_intake.spool()):
        shutil.rmtree(folder, ignore_errors=True)
    world.admin_warehouse.execute("checkpoint")


def deliver(rows: int) -> dict[str, float]:
    """Send in a process of its own."""
    done = run("deliver")
    assert done["rows"] == rows
    return done


def run(*arguments: str | Path) -> dict[str, float]:
    """Run one side in a process of its own."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT / 'tests' / 'e2e'}"}
    done = subprocess.run(
        [sys.executable, WORKER, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def bare_seconds(transport: str, world: World, folder: Path) -> float:
    """Let the bare side write what the platform just sent."""
    if transport == "exchange_db":
        return bare_side.copy_seconds(world.admin_exchange)
    if transport == "sftp_batch":
        sent = [file for file in sorted((receiver_sftp.root() / CHANNEL).iterdir()) if file.is_file()]
        assert sum(file.suffix == ".done" for file in sent) == ROWS // 5_000
        return bare_side.files_seconds(sent, folder)
    server = HttpServer(bare_side.app)
    server.start()
    try:
        return run("post", server.address, *sorted((receiver_intake.spool() / CHANNEL).glob("*.ndjson")))["seconds"]
    finally:
        server.stop()


def collected_seconds(world: World) -> float:
    """Time collecting one answer to each record sent."""
    sent = world.publisher.execute(SENT).fetchall()
    answers = [
        Receipt(f"{batch_no}/{n}", CHANNEL, batch_no, record_id, version, "accepted", None, None, None, DAY, DAY)
        for n, (batch_no, record_id, version) in enumerate(sent)
    ]
    world.answer(answers)
    began = time.perf_counter()
    assert receipts.collect().acknowledged == len(answers)
    return time.perf_counter() - began
