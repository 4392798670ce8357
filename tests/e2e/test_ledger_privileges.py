"""A1: whoever writes the ledger cannot change it, and nobody else the platform knows can either."""

import psycopg
import pytest
from disclosure_world import World
from psycopg import sql

from market_regulation import settings

pytestmark = pytest.mark.e2e

ROLES = ("owner", "loader", "transformer", "publisher", "bi_reader", "bi_region_reader", "steward", "auditor")
APPEND_ONLY = ("record", "payload", "attachment", "receipt")
GUARDED = (*APPEND_ONLY, "chain_head", "review")
ATTACKS = {
    "delete": "delete from {table}",
    "truncate": "truncate {table} cascade",
    "drop": "drop table {table} cascade",
    "add a column": "alter table {table} add column x text",
    "drop a constraint": "alter table {table} drop constraint {table_name}_pkey cascade",
    "disable triggers": "alter table {table} disable trigger all",
    "change the owner": "alter table {table} owner to {role}",
    "policy": "alter table {table} enable row level security",
    "rule": "create rule quiet as on insert to {table} do instead nothing",
    "trigger": "create trigger quiet before insert on {table} for each row execute function disclosure.chain_record()",
    "rename": "alter table {table} rename to gone",
    "inherit": "create table marts.heir () inherits ({table})",
}  # fmt: skip
CHANGES = {
    "record": "update disclosure.record set uscc = null",
    "payload": "update disclosure.payload set public = '{}'",
    "attachment": "update disclosure.attachment set kind = 'x'",
    "receipt": "update disclosure.receipt set verdict = 'accepted'",
    "chain_head": "update disclosure.chain_head set seq = 0",
    "review": "update disclosure.review set payload_sha256 = 'x', subject = 'x'",
}
SIDE_DOORS = [
    "insert into disclosure.record select * from disclosure.record on conflict (record_id, version)"
    " do update set uscc = null",
    "insert into disclosure.chain_head (seq, row_sha256) values (0, 'x')",
    "alter function disclosure.chain_record() owner to current_user",
    "create or replace function disclosure.row_sha256(r disclosure.record) returns text language sql return 'x'",
    "create or replace function disclosure.chain_record() returns trigger language plpgsql as 'begin return new; end'",
    "drop function disclosure.chain_record() cascade",
    "drop schema disclosure cascade",
    "alter schema disclosure rename to gone",
    "set session_replication_role = replica",
    "set role ledger_owner",
    "set role postgres",
]


@pytest.fixture
def written(world: World) -> World:
    """A world whose ledger holds a row in every guarded table."""
    world.due("S1", review_required=True)
    world.due("S2")
    world.disclose()
    return world


@pytest.mark.parametrize("role", ROLES)
def test_nobody_changes_or_removes_what_is_written(written: World, role: settings.Role) -> None:
    with psycopg.connect(settings.dsn("warehouse", role), autocommit=True) as connection:
        allowed = [name for name, attack in _attacks(role).items() if _is_allowed(connection, attack)]
        assert allowed == []


@pytest.mark.parametrize("role", ROLES)
def test_there_is_no_side_door(written: World, role: settings.Role) -> None:
    with psycopg.connect(settings.dsn("warehouse", role), autocommit=True) as connection:
        assert [door for door in SIDE_DOORS if _is_allowed(connection, sql.SQL(door))] == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gives_rights_away(written: World, role: settings.Role) -> None:
    """PostgreSQL answers such a grant with a warning only, so what counts is that nothing changed."""
    rights = "select relname, relacl::text from pg_class where relnamespace = 'disclosure'::regnamespace order by 1"
    before = written.admin_warehouse.execute(rights).fetchall()
    with psycopg.connect(settings.dsn("warehouse", role), autocommit=True) as connection:
        for table in GUARDED:
            _is_allowed(connection, sql.SQL("grant all on disclosure.{} to public").format(sql.Identifier(table)))
        assert connection.execute("select 1").fetchone() == (1,)
    assert written.admin_warehouse.execute(rights).fetchall() == before


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"publisher"}))
def test_only_the_publisher_writes(written: World, role: settings.Role) -> None:
    copies = [sql.SQL("insert into {0} select * from {0}").format(sql.Identifier("disclosure", t)) for t in APPEND_ONLY]
    with psycopg.connect(settings.dsn("warehouse", role), autocommit=True) as connection:
        assert not any(_is_allowed(connection, copy) for copy in copies)


def test_the_owner_of_the_ledger_cannot_log_in(world: World) -> None:
    rows = world.admin_warehouse.execute(
        "select distinct r.rolname, r.rolcanlogin from pg_class as c join pg_roles as r on r.oid = c.relowner"
        " where c.relnamespace in ('disclosure'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p')"
    ).fetchall()
    assert rows == [("ledger_owner", False)]


def test_the_publisher_cannot_choose_place_time_or_hash_of_its_row(written: World) -> None:
    written.publisher.execute(
        "insert into disclosure.record (seq, record_id, version, op, origin, record_type, channel, subject_key,"
        " source_delivery_id, source_row_no, business_day, rule_id, due_on, payload_sha256, entered_by, prev_sha256,"
        " row_sha256, created_at) select 900, 'x', 1, op, origin, record_type, channel, subject_key,"
        " source_delivery_id, source_row_no, business_day, rule_id, due_on, payload_sha256, entered_by, 'x', 'x',"
        " 'epoch' from disclosure.record where seq = 1"
    )

    row = written.publisher.execute(
        "select seq, created_at > now() - interval '1 hour' from disclosure.record where record_id = 'x'"
    ).fetchone()
    assert row == (2, True)
    assert written.publisher.execute("select * from disclosure.broken_link()").fetchall() == []


def test_an_entry_cannot_be_approved_by_who_made_it(written: World) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        written.publisher.execute(
            "insert into disclosure.record (record_id, version, op, origin, record_type, channel, subject_key,"
            " source_delivery_id, source_row_no, business_day, rule_id, due_on, payload_sha256, entered_by,"
            " approved_by)"
            " select 'x', 1, op, origin, record_type, channel, subject_key, source_delivery_id, source_row_no,"
            " business_day, rule_id, due_on, payload_sha256, 'a', 'a' from disclosure.record where seq = 1"
        )


def _attacks(role: str) -> dict[str, sql.SQL | sql.Composed]:
    attacks: dict[str, sql.SQL | sql.Composed] = {}
    for table in GUARDED:
        names = {
            "table": sql.Identifier("disclosure", table),
            "table_name": sql.SQL(table),
            "role": sql.Identifier(role),
        }
        attacks |= {f"{name} {table}": sql.SQL(attack).format(**names) for name, attack in ATTACKS.items()}
        attacks[f"update {table}"] = sql.SQL(CHANGES[table])
    return attacks


def _is_allowed(connection: psycopg.Connection, statement: sql.SQL | sql.Composed) -> bool:
    """Try a statement and take it back."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True
