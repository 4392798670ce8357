"""The same contract on each transport: what is due gets there once, whatever the receiver does meanwhile."""

import csv
import hashlib
import io
import json

import pytest
from disclosure_records import CHANNEL, DAY, penalty, record_id, sha256_of, spot_check
from disclosure_world import CLEAN, World

from market_regulation.disclosure import deliver, ledger, parcel
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.sandbox import receiver_intake, receiver_sftp

pytestmark = pytest.mark.e2e

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


def test_exchange_fields_join_the_rows_and_are_neither_hashed_nor_kept(
    each_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, secret = each_world, 'CANARY "1101\\01"'
    monkeypatch.setattr(parcel, "exchange_fields", lambda *_: {(record_id("S1"), 1): {"CF_XDR_ZJHM": secret}})
    world.due("S1")
    world.due("S2")

    assert world.disclose() == {"match": 2, **CLEAN}

    assert _sent(world) == {record_id("S1"): {"CF_XDR_ZJHM": secret}, record_id("S2"): None}
    assert world.public() == {key: (1, sha256_of(spot_check(key))) for key in ("S1", "S2")}
    for table in ("item", "applied"):
        kept = world.public_copy.execute(f"select string_agg(t::text, '') from public_copy.{table} as t").fetchone()
        assert "CANARY" not in str(kept)


def _sent(world: World) -> dict[str, object]:
    """The exchange member of each row as it lies at the other side."""
    if world.transport == "exchange_db":
        return dict(world.exchange.execute("select record_id, exchange from outbound.spot_check").fetchall())
    if world.transport == "sftp_batch":
        (file,) = (receiver_sftp.root() / CHANNEL).glob("*.csv")
        rows = csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))
        return {row["record_id"]: json.loads(row["exchange"] or "null") for row in rows}
    (file,) = (receiver_intake.spool() / CHANNEL).glob("*.ndjson")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()[1:]]
    return {line["record_id"]: line.get("exchange") for line in lines}


def test_the_dictionary_lies_beside_the_batches(each_world: World) -> None:
    world = each_world
    world.due("S1")
    world.disclose()
    files = {
        "sftp_batch": receiver_sftp.root() / CHANNEL / "dictionary" / "1.csv",
        "http_api": receiver_intake.spool() / "dictionary" / f"{CHANNEL}-1.csv",
    }
    if world.transport == "exchange_db":
        ((text,),) = world.exchange.execute("select content from outbound.dictionary").fetchall()
    else:
        text = files[world.transport].read_text("utf-8")
    assert "gsxt,spot_check,sample_no,样品编号" in text


def test_a_channel_that_is_down_does_not_stop_the_other(world: World, receivers: None) -> None:
    world.admin_warehouse.execute("update disclosure.channel set enabled = true, transport = 'sftp_batch'")
    world.admin_warehouse.execute("update disclosure.channel set transport = 'exchange_db' where channel = 'gsxt'")
    world.misbehave("down")
    with pytest.raises(ChannelError):
        deliver.deliver(DAY, "credit_china")
    world.misbehave()

    world.due("S1")
    assert world.disclose() == {"match": 1, **CLEAN}
    assert deliver.deliver(DAY, "credit_china") == deliver.Delivered()


@pytest.mark.parametrize(
    ("each_world", "ending"), [("sftp_batch", "csv"), ("http_api", "ndjson")], indirect=["each_world"]
)
def test_a_batch_sent_again_has_the_same_number_and_the_same_bytes(each_world: World, ending: str) -> None:
    world = each_world
    world.due("S1")
    world.due("S2")
    folder = receiver_sftp.root() / CHANNEL if ending == "csv" else receiver_intake.spool() / CHANNEL
    world.die_at("sftp.manifest_written" if ending == "csv" else "http.answered")
    first = {file.name: file.read_bytes() for file in folder.glob(f"*.{ending}")}
    world.let_time_pass()

    deliver.deliver(DAY)

    assert {file.name: file.read_bytes() for file in folder.glob(f"*.{ending}")} == first
    assert len(first) == 1


def test_a_silent_witness_does_not_hide_what_the_ledger_says_itself(world: World, receivers: None) -> None:
    world.due("S1")
    world.disclose()
    world.use("sftp_batch")
    world.misbehave("down")
    with pytest.raises(ChannelError, match="witnesses are missing"):
        ledger.verify()
    with world.admin_warehouse.transaction():
        world.admin_warehouse.execute("set local session_replication_role = replica")
        world.admin_warehouse.execute("update disclosure.record set uscc = 'x'")
    with pytest.raises(ledger.LedgerBrokenError, match="row 1"):
        ledger.verify()
