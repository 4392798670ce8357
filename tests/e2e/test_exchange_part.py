"""P1, A8: identity numbers reach the exchange and nobody else: sealed, bound to their record, erasable."""

import json
import logging
from pathlib import Path

import psycopg
import pytest
from disclosure_records import DAY
from disclosure_world import World
from psycopg import sql

from market_regulation import settings
from market_regulation.commands import exchange_keys as command
from market_regulation.disclosure import exchange_keys, exchange_part, ledger, plan
from market_regulation.disclosure.record_schema import record_types

pytestmark = pytest.mark.e2e

CANARY = "310115198001019995"  # planted at the source; invented
ROLES = ("owner", "loader", "transformer", "publisher", "bi_reader", "bi_region_reader", "steward", "auditor")
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
COLUMNS = ["party_kind", "party_id_type", "party_id_no", "legal_representative"]
OF_PENALTY = {"channel": "credit_china", "record_type": "administrative_penalty"}


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key file of the test's own, made by the first use."""
    monkeypatch.setattr(exchange_keys, "_file", lambda: tmp_path / "keys" / "exchange.json")
    return tmp_path / "keys" / "exchange.json"


@pytest.fixture
def delivery(world: World) -> int:
    """A landed delivery of three penalties: a person's, a firm's with its representative's document, one without."""
    ((delivery_id,),) = world.loader.execute(
        "insert into landing.delivery (source, submitter, profile, uri, arrival, sha256, bytes, received_rows,"
        " accepted_rows, quarantined_rows, duplicate_rows, blocked_rows, status, business_day) values ('amr_penalties',"
        " 'x', 'x', 'x', gen_random_uuid(), 'x', 0, 3, 3, 0, 0, 0, 'loaded', %s) returning delivery_id",
        [DAY],
    ).fetchall()
    world.loader.execute("select landing.ensure_table('amr_penalties', %s, %s)", [COLUMNS, DAY])
    rows = [("自然人", "身份证", f" {CANARY} "), ("法人及非法人组织", "护照号", "E12345678"), ("自然人", None, None)]
    for row_no, row in enumerate(rows, start=1):
        world.loader.execute(
            "insert into landing.amr_penalties (business_day, delivery_id, row_no, party_kind, party_id_type,"
            " party_id_no) values (%s, %s, %s, %s, %s, %s)",
            [DAY, delivery_id, row_no, *row],
        )
    return int(delivery_id)


@pytest.fixture
def planned(world: World, delivery: int) -> World:
    """A world in which the three penalties are planned for the exchange, and one record for the public only."""
    for row_no in (1, 2, 3):
        world.due(f"P{row_no}", **OF_PENALTY, record_id=f"r{row_no}", source_delivery_id=delivery, source_row_no=row_no)
    world.due("S1", source_delivery_id=delivery, source_row_no=1)
    plan.plan(DAY)
    return world


def test_the_sender_gets_what_the_exchange_requires(planned: World) -> None:
    assert exchange_part.reveal(planned.publisher, [("r1", 1), ("r2", 1), ("r3", 1), ("none", 1)]) == {
        ("r1", 1): {"CF_XDR_ZJLX": "身份证", "CF_XDR_ZJHM": CANARY},
        ("r2", 1): {"CF_FR_ZJLX": "护照号", "CF_FR_ZJHM": "E12345678"},
    }
    assert planned.publisher.execute("select count(*) from private.exchange_part").fetchone() == (2,)


def test_the_number_stands_nowhere_in_clear(planned: World, caplog: pytest.LogCaptureFixture, keys: Path) -> None:
    with caplog.at_level(logging.DEBUG):
        delivery = _delivery_of(planned)
        planned.due("P7", **OF_PENALTY, record_id="r7", source_delivery_id=delivery, source_row_no=1)
        plan.plan(DAY)
        exchange_part.reveal(planned.publisher, [("r7", 1)])
    tables = planned.admin_warehouse.execute(
        "select c.oid::regclass::text from pg_class as c where c.relkind in ('r', 'm') and not c.relispartition"
        " and c.relpersistence <> 't'"
        " and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'landing')"
    ).fetchall()
    assert {"private.exchange_part", "disclosure.record", "disclosure.payload"} <= {name for (name,) in tables}
    for (name,) in tables:
        found = planned.admin_warehouse.execute(
            sql.SQL("select count(*) from {} as t where t::text like %s or t::text like %s").format(sql.SQL(name)),
            [f"%{CANARY}%", f"%{CANARY.encode().hex()}%"],
        ).fetchone()
        assert found == (0,), name
    assert CANARY not in caplog.text
    assert CANARY not in keys.read_text()


@pytest.mark.parametrize("role", ROLES)
def test_only_the_sending_role_touches_it_and_it_cannot_change_it(planned: World, role: settings.Role) -> None:
    held = {
        right
        for right in RIGHTS
        if planned.admin_warehouse.execute(
            "select has_schema_privilege(%(role)s, 'private', 'USAGE')"
            " and has_table_privilege(%(role)s, 'private.exchange_part', %(right)s)",
            {"role": role, "right": right},
        ).fetchone() == (True,)
    }  # fmt: skip
    assert held == ({"SELECT", "INSERT"} if role == "publisher" else set())
    with psycopg.connect(settings.dsn("warehouse", role), autocommit=True) as connection:
        call = "select * from private.identity_document(array[0]::bigint[], array[0]::bigint[])"
        if role == "publisher":
            assert connection.execute(call).fetchall() == []
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(call)


@pytest.mark.parametrize("table", record_types("gsxt"))
def test_who_looks_after_the_exchange_sees_all_but_what_only_its_two_ends_may_see(planned: World, table: str) -> None:
    with psycopg.connect(settings.dsn("exchange", "owner"), autocommit=True) as owner:
        owner.execute(sql.SQL("select record_id, payload from outbound.{}").format(sql.Identifier(table)))
        for column in (sql.Identifier("exchange"), sql.SQL("*")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(sql.SQL("select {} from outbound.{}").format(column, sql.Identifier(table)))


def test_the_ledger_witnesses_the_sealed_part(planned: World) -> None:
    ledger.verify()
    planned.admin_warehouse.execute("update private.exchange_part set ciphertext = '\\x00' where record_id = 'r1'")
    with pytest.raises(ledger.LedgerBrokenError, match="the exchange part of record r1 is not the one"):
        ledger.verify()


def test_the_hash_is_part_of_the_chain_and_rows_without_one_keep_their_form(planned: World) -> None:
    rows = planned.publisher.execute("select seq, exchange_sha256 is not null from disclosure.record order by seq")
    assert [has for _, has in rows.fetchall()].count(True) == 2
    planned.admin_warehouse.execute(
        "alter table disclosure.record disable trigger all;"
        "update disclosure.record set exchange_sha256 = null where record_id = 'r2';"
        "alter table disclosure.record enable trigger all"
    )
    ((_, problem),) = planned.publisher.execute("select * from disclosure.broken_link()").fetchall()
    assert problem == "content differs from its hash"


def test_a_part_opens_only_for_its_own_record_and_version(planned: World) -> None:
    planned.publisher.execute(
        "insert into private.exchange_part select 'other', version, ciphertext, key_id from private.exchange_part"
        " where record_id = 'r1'"
    )
    with pytest.raises(ValueError, match="other:1 is not what was sealed"):
        exchange_part.reveal(planned.publisher, [("other", 1)])


def test_an_erased_key_erases_its_content_and_the_chain_holds(planned: World) -> None:
    old = exchange_keys.load().active
    with pytest.raises(ValueError, match="rotate first"):
        exchange_keys.erase(old)
    new = exchange_keys.rotate("SM4-GCM")
    planned.due("P1", payload={"sample_no": "P1", "n": "2"}, **OF_PENALTY, record_id="r9",
                source_delivery_id=_delivery_of(planned), source_row_no=1)  # fmt: skip
    plan.plan(DAY)
    assert exchange_part.reveal(planned.publisher, [("r1", 1), ("r9", 1)])[("r9", 1)]["CF_XDR_ZJHM"] == CANARY
    used = planned.publisher.execute("select key_id from private.exchange_part where record_id = 'r9'").fetchone()
    assert used == (new,)

    exchange_keys.erase(old)

    with pytest.raises(exchange_keys.KeyErasedError, match=f"key {old} is erased"):
        exchange_part.reveal(planned.publisher, [("r1", 1)])
    assert list(exchange_part.reveal(planned.publisher, [("r9", 1)])) == [("r9", 1)]
    ledger.verify()


def test_the_command_renews_and_erases_and_prints_no_key(keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = exchange_keys.load().active
    assert command.main(["--rotate", "SM4-GCM"]) == 0
    assert command.main(["--erase", old]) == 0
    (line,) = capsys.readouterr().out.splitlines()[-1:]
    held = exchange_keys.load()
    assert (line, list(held.keys)) == (f"{held.active}  SM4-GCM  active", [held.active])


def test_a_key_file_that_others_can_read_or_that_is_none_is_refused(keys: Path) -> None:
    exchange_keys.load()
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.chmod(0o640)
    with pytest.raises(exchange_keys.KeyFileError, match="chmod 600"):
        exchange_keys.load()
    keys.chmod(0o600)
    keys.write_text(json.dumps({"active": "a", "keys": {"a": ["AES-256-GCM", "c2hvcnQ="]}}))
    with pytest.raises(exchange_keys.KeyFileError, match="length"):
        exchange_keys.load()


def test_a_named_key_file_is_never_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: World, delivery: int
) -> None:
    monkeypatch.setattr(exchange_keys, "_file", lambda: tmp_path / "secret")
    monkeypatch.setenv("EXCHANGE_KEYS_FILE", str(tmp_path / "secret"))
    planned.due("P8", **OF_PENALTY, record_id="r8", source_delivery_id=delivery, source_row_no=1)
    before = planned.publisher.execute("select count(*) from disclosure.record").fetchone()
    with pytest.raises(exchange_keys.KeyFileError, match="does not exist"):
        plan.plan(DAY)
    assert planned.publisher.execute("select count(*) from disclosure.record").fetchone() == before


def _delivery_of(world: World) -> int:
    ((delivery_id,),) = world.publisher.execute(
        "select source_delivery_id from disclosure.record where record_id = 'r1'"
    ).fetchall()
    return int(delivery_id)
