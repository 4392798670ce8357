"""A small world for the disclosure tests: marts that a test writes by hand, the real receiver of the sandbox, a day.

The worlds have databases of their own, so that they never meet what other tests leave behind.
"""

import datetime as dt
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from disclosure_records import CHANNEL, DAY, USCC, record_id, sha256_of, spot_check

from market_regulation import failpoints, settings
from market_regulation.disclosure import deliver, plan, receipts, reconcile
from market_regulation.sandbox import receiver_sftp
from market_regulation.sandbox.receiver import Door, Receiver
from market_regulation.sandbox.receiver_exchange import ExchangeDoor
from market_regulation.sandbox.receiver_folder import FolderDoor
from market_regulation.sandbox.receiver_intake import HttpDoor
from market_regulation.sandbox.receiver_store import Receipt

MARTS = """
set role transformer;
create table marts.disclosure_due (
    record_id text primary key, channel text, record_type text, source_key text, subject_key text, uscc text,
    subject_name text, rule_id text, regime_id text, regime_selector text, regime_valid_from date,
    due_on date, due_is_provisional boolean, publish_until date,
    publicity_months integer, review_required boolean, findings text, payload jsonb, payload_sha256 text,
    served_sha256 text,
    document_sha256 text, source_delivery_id bigint, source_row_no bigint, valid_day date, known_day date
);
create table marts.disclosure_held (
    record_id text primary key, channel text, record_type text, source_key text, subject_key text, uscc text,
    rule_id text, regime_id text, held_reason text, held_since date, look_again_on date, stops_clock boolean,
    when_public text, owner text, due_on date, due_is_provisional boolean, source_delivery_id bigint,
    source_row_no bigint, valid_day date, known_day date
);
create table marts.disclosure_ended (
    record_id text primary key, channel text, record_type text, source_key text, subject_key text, uscc text,
    rule_id text, op text, reason_code text, ended_on date, due_on date, regime_id text, regime_selector text,
    regime_valid_from date, publish_until date, source_delivery_id bigint, source_row_no bigint,
    valid_day date, known_day date
);
create table rules.ending_reason (reason_code text, status text, known_from date, known_to date, returns_as text);
insert into rules.ending_reason values
    ('objection_accepted', 'in_force', '2018-07-25', 'infinity', 'objection_decided'),
    ('not_shown', 'in_force', '2018-07-25', 'infinity', 'hold_released'),
    ('rule_repealed', 'in_force', '2018-07-25', 'infinity', 'rule_restored'),
    ('decision_revoked', 'in_force', '2018-07-25', 'infinity', null);
"""

# What took effect in the public copy, one row each time, whatever the receiver notes of it. Tests that tamper with the
# copy leave applied_at alone, so they leave no trace here.
APPLICATIONS = """
drop table if exists public_copy.application;
create table public_copy.application (
    place bigint generated always as identity, record_id text, version integer, op text, visible boolean
);
alter table public_copy.application owner to receiver;
create or replace function public_copy.note_application() returns trigger language plpgsql as $$
begin
    insert into public_copy.application (record_id, version, op, visible)
    values (new.record_id, new.version, new.op, new.visible);
    return null;
end
$$;
create or replace trigger note_application after insert or update of applied_at on public_copy.item
    for each row execute function public_copy.note_application();
"""

LEDGER = (
    "payload", "record", "chain_head", "attachment", "outbox", "receipt", "batch", "sending", "reconciliation",
)  # fmt: skip


CLEAN = {"missing": 0, "stale": 0, "extra": 0}  # a comparison of the public copy, matches aside


class Entry(NamedTuple):
    """One ledger row as the tests compare it."""

    key: str
    version: int
    op: str
    reason: str | None


class World:
    """Marts, platform and receiver of one test."""

    def __init__(self, admin_uri: Callable[[str], str]) -> None:
        self.warehouse = psycopg.connect(settings.dsn("warehouse", "transformer"), autocommit=True)
        self.publisher = psycopg.connect(settings.dsn("warehouse", "publisher"), autocommit=True)
        self.loader = psycopg.connect(settings.dsn("warehouse", "loader"), autocommit=True)
        self.exchange = psycopg.connect(settings.dsn("exchange", "receiver"), autocommit=True)
        self.public_copy = psycopg.connect(settings.dsn("receiver", "owner"), autocommit=True)
        self.admin_warehouse = psycopg.connect(admin_uri("warehouse"), autocommit=True)
        self.admin_exchange = psycopg.connect(admin_uri("exchange"), autocommit=True)

    def use(self, transport: str) -> None:
        """Let the channel go by this transport."""
        self.transport = transport
        self.admin_warehouse.execute(
            "update disclosure.channel set enabled = channel = %s, transport = %s", [CHANNEL, transport]
        )

    def _door(self, exchange: psycopg.Connection, own: psycopg.Connection) -> Door:
        if self.transport == "sftp_batch":
            return FolderDoor(receiver_sftp.root())
        if self.transport == "http_api":
            return HttpDoor(own)
        return ExchangeDoor(exchange)

    def door(self) -> Door:
        """The receiver's door at this world's own connections."""
        return self._door(self.exchange, self.public_copy)

    def close(self) -> None:
        """Close every connection."""
        for connection in vars(self).values():
            if isinstance(connection, psycopg.Connection):
                connection.close()

    # what the marts say

    def due(self, key: str, payload: dict[str, Any] | None = None, day: dt.date = DAY, **columns: Any) -> str:
        """Let the record be due with this payload from now on; return its id."""
        record_type = columns.get("record_type", "spot_check")
        payload = payload or spot_check(key)
        row = {
            "record_id": record_id(key, record_type), "channel": CHANNEL, "record_type": record_type,
            "source_key": key, "subject_key": USCC, "uscc": USCC, "subject_name": "某某玩具有限公司",
            "rule_id": "R1", "regime_id": None, "due_on": dt.date(2026, 3, 30), "due_is_provisional": False,
            "publish_until": None, "publicity_months": 12, "review_required": False, "findings": "",
            "payload": json.dumps(payload, ensure_ascii=False), "payload_sha256": sha256_of(payload),
            "served_sha256": None, "document_sha256": None, "source_delivery_id": 7, "source_row_no": 3,
            "valid_day": day, "known_day": day, **columns,
        }  # fmt: skip
        self.forget(key, record_type)
        self._insert("disclosure_due", row)
        return str(row["record_id"])

    def held(self, key: str, reason: str, day: dt.date = DAY) -> None:
        """Let the record be held instead of due."""
        self.forget(key)
        moves = {"objection_pending": "WITHDRAW", "objection_window_open": "WITHDRAW", "stayed_by_court": "SUSPEND"}
        self._insert(
            "disclosure_held",
            {
                **self._head(key, day),
                "held_reason": reason,
                "when_public": moves.get(reason, "keep"),
            },
        )

    def ended(self, key: str, op: str, reason: str, day: dt.date = DAY, **columns: Any) -> None:
        """Let the record be over instead of due."""
        self.forget(key)
        self._insert("disclosure_ended", {**self._head(key, day), "op": op, "reason_code": reason, **columns})

    def forget(self, key: str, record_type: str = "spot_check") -> None:
        """Let the marts say nothing of the record."""
        for table in ("due", "held", "ended"):
            self.warehouse.execute(
                f"delete from marts.disclosure_{table} where record_id = %s", [record_id(key, record_type)]
            )

    def _head(self, key: str, day: dt.date) -> dict[str, Any]:
        return {
            "record_id": record_id(key), "channel": CHANNEL, "record_type": "spot_check", "source_key": key,
            "subject_key": USCC, "uscc": USCC, "rule_id": "R1", "source_delivery_id": 7, "source_row_no": 3,
            "valid_day": day, "known_day": day,
        }  # fmt: skip

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self.warehouse.execute(f"insert into marts.{table} ({names}) values ({marks})", list(row.values()))

    def store_document(self, document: bytes) -> None:
        """Put a document into the landing store, inspected and found clean."""
        sha256 = hashlib.sha256(document).hexdigest()
        self.loader.execute("insert into landing.document values (%s, 'application/pdf', %s)", [sha256, document])
        self.publisher.execute(
            "insert into disclosure.redacted_document values (%s, 'test', %s, 'application/pdf', '', false, %s)",
            [sha256, sha256, DAY],
        )

    # what the platform and the receiver do

    def turn(self) -> None:
        """Let the receiver do all that is due, once."""
        with (
            psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
            psycopg.connect(settings.dsn("receiver", "owner")) as own,
        ):
            Receiver(own).turn(self._door(exchange, own))

    def answer(self, receipts: Sequence[Receipt]) -> None:
        """Let the receiver give out these answers."""
        with (
            psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
            psycopg.connect(settings.dsn("receiver", "owner")) as own,
        ):
            self._door(exchange, own).send(receipts)

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Let the receiver work in the background."""
        stop = threading.Event()

        def work() -> None:
            with (
                psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
                psycopg.connect(settings.dsn("receiver", "owner")) as own,
            ):
                receiver, door = Receiver(own), self._door(exchange, own)
                while not stop.is_set():
                    receiver.turn(door)
                    time.sleep(0.02)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def send(self, day: dt.date = DAY) -> None:
        """Plan and deliver; the receiver has not looked yet."""
        plan.plan(day)
        deliver.deliver(day)

    def die_at(self, point: str) -> None:
        """Plan, and deliver in a child that is killed at a point."""
        plan.plan(DAY)
        child = os.fork()
        if child == 0:
            os.environ[failpoints.VARIABLE] = f"{point}=kill"
            deliver.deliver(DAY)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    def disclose(self, day: dt.date = DAY) -> dict[str, int]:
        """One whole run with a working receiver; returns the result of the reconciliation."""
        with self.receiving():
            self.send(day)
            receipts.collect()
            return reconcile.reconcile(day)

    def misbehave(self, *faults: str) -> None:
        """Switch faults of the receiver on; without any, all off."""
        file: Path = settings.home() / "sandbox" / "misbehave.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(dict.fromkeys(faults, True)))

    def let_time_pass(self) -> None:
        """Let the waits of the retry schedule be over."""
        for table in ("outbox", "batch"):
            self.publisher.execute(f"update disclosure.{table} set next_try_at = now() - interval '1 second'")

    def back_up(self) -> None:
        """Keep the state of ledger and outbox as a backup would."""
        self.admin_warehouse.execute("drop schema if exists kept cascade; create schema kept")
        for table in LEDGER:
            self.admin_warehouse.execute(f"create table kept.{table} as select * from disclosure.{table}")

    def restore(self) -> None:
        """Bring that state back."""
        with self.admin_warehouse.transaction():
            self.admin_warehouse.execute("set local session_replication_role = replica")
            for table in LEDGER:
                self.admin_warehouse.execute(f"delete from disclosure.{table}")
                self.admin_warehouse.execute(
                    f"insert into disclosure.{table} overriding system value select * from kept.{table}"
                )
        self.admin_warehouse.execute("drop schema kept cascade")

    # what can be seen

    def ledger(self) -> list[Entry]:
        """The ledger in the order it was written, with source keys for names."""
        rows = self.publisher.execute(
            "select coalesce(p.public ->> 'sample_no', p.public ->> 'document_no'), r.version, r.op, r.reason_code"
            " from disclosure.record as r join disclosure.payload as p using (payload_sha256) order by r.seq"
        )
        return [Entry(*row) for row in rows]

    def public(self) -> dict[str, tuple[int, str]]:
        """What the public sees: version and hash of the shown content, by source key."""
        rows = self.public_copy.execute("select version, payload from public_copy.item where visible")
        return {
            payload.get("sample_no") or payload["document_no"]: (version, sha256_of(payload))
            for version, payload in rows
        }

    def refused(self) -> list[tuple[str, int]]:
        """Record and version of everything the receiver refused and never took."""
        rows = self.public_copy.execute(
            "select record_id, version from public_copy.applied where verdict = 'rejected' order by 1, 2"
        )
        return [(name, version) for name, version in rows]

    def applied(self) -> list[tuple[str, int]]:
        """Record and version each time something took effect, in that order: what did so twice is there twice."""
        rows = self.public_copy.execute("select record_id, version from public_copy.application order by place")
        return [(name, version) for name, version in rows]

    def outbox(self) -> dict[tuple[str, int], str]:
        """State of each row of the outbox, by record and version."""
        rows = self.publisher.execute("select record_id, version, state from disclosure.outbox")
        return {(name, version): state for name, version, state in rows}

    def reconciliation(self) -> dict[str, str]:
        """Result of the last comparison, by record."""
        return dict(self.publisher.execute("select record_id, result from disclosure.reconciliation").fetchall())


def assert_delivered_once(world: World, *keys: str) -> None:
    """Each record is public in its first version, was applied once, and nothing is under way any more."""
    world.let_time_pass()
    assert world.disclose() == {"match": len(keys), **CLEAN}
    assert world.public() == {key: (1, sha256_of(spot_check(key))) for key in keys}
    assert sorted(world.applied()) == sorted((record_id(key), 1) for key in keys)
    assert world.outbox() == {}
