"""What each role may read, and at least ten things it must not do, each tried as that role."""

from collections.abc import Iterator

import psycopg
import pytest
from built_warehouse import Warehouse

READERS = ("bi_reader", "bi_region_reader", "steward", "auditor")

# Nobody who reads the marts may do any of these; the publisher may not either, but for MAY_PUBLISHER.
FORBIDDEN = [
    "delete from marts.fct_inspection",
    "update marts.disclosure_due set uscc = null",
    "insert into marts.dim_region select * from marts.dim_region",
    "truncate marts.fct_penalty",
    "drop table marts.dim_date",
    "lock table marts.fct_penalty in access exclusive mode",
    "create table marts.mine (a integer)",
    "create view marts.mine as select 1 as a",
    "create table public.mine (a integer)",
    "create temporary table mine (a integer)",
    "create schema mine",
    "create function public.mine() returns integer language sql return 1",
    "alter table marts.fct_penalty disable row level security",
    "alter table marts.fct_penalty add column a integer",
    "create policy mine on marts.fct_penalty using (true)",
    "drop policy own_rows on marts.fct_penalty",
    "alter view marts.disclosure_public set (security_invoker = false)",
    "set role transformer",
    "set role bi_reader_of_another_office",
    "set session authorization postgres",
    "alter role current_user bypassrls",
    "create role mine",
    "set log_statement = 'none'",
    "set session_replication_role = replica",
    "copy (select 1) to program 'id'",
    "copy marts.dim_date to '/tmp/dim_date'",
    "select pg_read_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select * from pg_authid",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
    "insert into control.region_reader values (current_user, '310000')",
    "update control.region_reader set region_code = '310000'",
    "update control.business_day set business_day = '2020-01-01'",
    "select nextval('landing.delivery_id')",
    "select * from private.exchange_part",
    "delete from disclosure.record",
    "update quality.quarantine set record = '{}'",
    "select * from stewardship.person_name",
    "select * from landing.amr_penalties",
    "select * from intermediate.int_penalties_versioned",
    "explain select * from intermediate.int_penalties_versioned",
    "select * from staging.stg_amr_penalties__penalties",
    "select * from quality.amr_penalties_accepted",
    "select * from disclosure.outbox",
    "insert into disclosure.payload values ('x', '{}')",
    "update disclosure.review set decision = 'approved'",
    "select * from disclosure.obligation",
    "select * from reference.penalty_kind",
    "select * from rules.dispatch",
    "select * from disclosure.record",
    "select * from landing.delivery",
    "select * from quality.quarantine",
    "select * from quality.subject_decision",
]
MAY = {
    "bi_reader": [],
    "bi_region_reader": [],
    "steward": [
        "select * from stewardship.person_name", "select * from quality.quarantine",
        "select * from quality.subject_decision",
    ],
    "auditor": ["select * from rules.dispatch", "select * from disclosure.record", "select * from landing.delivery"],
}  # fmt: skip
MAY_PUBLISHER = {
    "create temporary table mine (a integer)",
    "update control.business_day set business_day = '2020-01-01'",
    "insert into disclosure.payload values ('x', '{}')",
    "update disclosure.review set decision = 'approved'",
}


@pytest.fixture(scope="module")
def sessions(second_day: Warehouse) -> Iterator[dict[str, psycopg.Connection]]:
    """One session of each role; another office's role exists beside them."""
    second_day.admin.execute("create role bi_reader_of_another_office in role bi_reader")
    opened = {role: psycopg.connect(second_day.uri(role)) for role in (*MAY, "publisher")}
    yield opened
    for session in opened.values():
        session.close()
    second_day.admin.execute("drop role bi_reader_of_another_office")


def _attempt(session: psycopg.Connection, statement: str) -> None:
    try:
        session.execute(statement.encode())
    finally:
        session.rollback()


@pytest.mark.parametrize(
    ("role", "attempt"), [(role, attempt) for role in READERS for attempt in FORBIDDEN if attempt not in MAY[role]]
)
def test_reader_is_refused(sessions: dict[str, psycopg.Connection], role: str, attempt: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _attempt(sessions[role], attempt)


@pytest.mark.parametrize("attempt", [a for a in FORBIDDEN if not a.startswith("select *") and a not in MAY_PUBLISHER])
def test_publisher_is_refused(sessions: dict[str, psycopg.Connection], attempt: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _attempt(sessions["publisher"], attempt)


@pytest.mark.parametrize(("role", "query"), [(role, query) for role, queries in MAY.items() for query in queries])
def test_role_reads_what_its_work_needs(sessions: dict[str, psycopg.Connection], role: str, query: str) -> None:
    _attempt(sessions[role], query)


DECIDE = "insert into quality.subject_decision (fact_kind, source_key, role, party_name, reason, decided_by"


@pytest.mark.parametrize(
    ("role", "attempt"),
    [
        *[(role, f"{DECIDE}) values ('f', 'k', 'r', 'n', 'w', 'me')") for role in READERS if role != "steward"],
        ("steward", f"{DECIDE}, known_from) values ('f', 'k', 'r', 'n', 'w', 'me', '2020-01-01')"),
        ("steward", f"{DECIDE}, entered_as) values ('f', 'k', 'r', 'n', 'w', 'me', 'somebody else')"),
        ("steward", "update quality.subject_decision set reason = 'another'"),
        ("steward", "delete from quality.subject_decision"),
        ("steward", "insert into quality.delivery_read values ('x', 1)"),
    ],
)
def test_decision_on_a_party_is_a_stewards_and_stays(
    sessions: dict[str, psycopg.Connection], role: str, attempt: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _attempt(sessions[role], attempt)


@pytest.mark.parametrize(
    "attempt",
    [
        "select * from disclosure.payload where false",
        "select * from disclosure.review where false",
        "select * from disclosure.receipt where false",
        "select * from disclosure.reconciliation where false",
        "select * from disclosure.public_on('2026-03-17')",
    ],
)
def test_auditor_follows_a_publication(sessions: dict[str, psycopg.Connection], attempt: str) -> None:
    _attempt(sessions["auditor"], attempt)


@pytest.mark.parametrize("role", ["bi_reader", "steward", "auditor", "publisher"])
def test_every_mart_is_read_whole(second_day: Warehouse, sessions: dict[str, psycopg.Connection], role: str) -> None:
    for table, rows in second_day.counts().items():
        found = sessions[role].execute(f"select count(*) from marts.{table}".encode()).fetchone()
        assert found == (rows,), table
    sessions[role].rollback()


@pytest.mark.parametrize("role", [*READERS, "publisher"])
def test_nobody_reads_what_others_ask(sessions: dict[str, psycopg.Connection], role: str) -> None:
    query = "select query from pg_stat_activity where usename <> current_user"
    assert {text for (text,) in sessions[role].execute(query)} == {"<insufficient privilege>"}
    sessions[role].rollback()


def test_only_a_steward_reads_the_name_of_a_person(sessions: dict[str, psycopg.Connection]) -> None:
    query = "select party_name from stewardship.person_name where source_key like 'PERSON%'"
    assert sessions["steward"].execute(query).fetchall() == [("张三",)]
    sessions["steward"].rollback()
    named = "select count(*) from marts.disclosure_due where source_key like 'PERSON%' and subject_name is null"
    assert sessions["bi_reader"].execute(named).fetchone() == (2,)
    sessions["bi_reader"].rollback()
