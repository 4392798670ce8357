"""A regional reader sees the rows of its regions and nothing of the others, by whatever way it asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from built_warehouse import Warehouse, failures
from psycopg import sql
from steady_reader import SecondDay, reading_all_along

SIDES = ("place_region_code", "registration_region_code", "authority_region_code")
REGION_COLUMNS = {
    "dim_enterprise": ("region_code",),
    "dim_equipment": ("region_code",),
    "fct_inspection": SIDES,
    "fct_spot_check": ("producer_region_code", "seller_region_code", *SIDES[1:]),
    "fct_spot_check_party": ("producer_region_code", "seller_region_code", *SIDES[1:]),
    "fct_spot_check_item": ("producer_region_code", "seller_region_code", *SIDES[1:]),
    "fct_ccc_check": ("registration_region_code",),
    "fct_penalty": SIDES,
    "fct_serious_listing": SIDES,
    "fct_supervision_check": SIDES,
    "fct_other_dept_penalty": ("registration_region_code",),
    "disclosure_due": SIDES,
    "disclosure_held": SIDES,
    "disclosure_ended": SIDES,
    "disclosure_worklist": SIDES,
    "fct_disclosure": SIDES,
    "metric_daily": ("region",),
    "fct_hazard": ("place_region_code", "registration_region_code", "authority_region_code"),
    "subject_resolution": ("region_code",),
    "subject_review": ("region_code",),
    "credit_archive": ("region_code",),
    "credit_archive_coverage": ("region_code",),
    "credit_archive_disclosure": ("region_code",),
    "credit_archive_event": ("region_code",),
    "key_product_enterprise": ("region_code",),
}
FOR_EVERY_REGION = {
    "dim_date", "dim_region", "dim_region_successor", "dim_certificate", "dim_metric", "disclosure_public",
    "dim_archive_risk_rule", "dim_product_category", "dim_agency", "dim_authority", "fct_certificate_event",
}  # fmt: skip


@contextmanager
def reader_of(warehouse: Warehouse, *regions: str) -> Iterator[psycopg.Connection]:
    """A session of ``bi_region_reader`` whose regions are these."""
    warehouse.admin.execute("delete from control.region_reader")
    for region in regions:
        warehouse.admin.execute("insert into control.region_reader values ('bi_region_reader', %s)", [region])
    with psycopg.connect(warehouse.uri("bi_region_reader"), autocommit=True) as session:
        yield session


def _count(session: psycopg.Connection, table: str) -> int:
    row = session.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("marts", table))).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("region", "prefix"),
    [("310000", "31"), ("310100", "3101"), ("310115", "310115"), ("110000", "11"), ("650000", "65")],
)
def test_totals_are_those_of_a_filtered_full_reader(second_day: Warehouse, region: str, prefix: str) -> None:
    with reader_of(second_day, region) as reader:
        for table, columns in REGION_COLUMNS.items():
            condition = " or ".join(f"starts_with({column}, %(prefix)s)" for column in columns)
            expected = second_day.value(f"select count(*) from marts.{table} where {condition}", prefix=prefix)
            assert _count(reader, table) == expected, table


def test_regions_differ_in_what_they_see(second_day: Warehouse) -> None:
    """Else the totals above would prove little."""
    seen = {}
    for region in ("310000", "110000", "650000"):
        with reader_of(second_day, region) as reader:
            seen[region] = {table: _count(reader, table) for table in REGION_COLUMNS}
    assert seen["310000"]["fct_penalty"] == second_day.counts()["fct_penalty"]
    assert 0 < seen["110000"]["fct_penalty"] < seen["310000"]["fct_penalty"]  # a person has no registration
    assert seen["310000"]["disclosure_worklist"] > 0
    assert seen["110000"]["dim_equipment"] == 0 < seen["310000"]["dim_equipment"]
    assert set(seen["650000"].values()) == {0}


def test_without_a_region_no_row_is_seen(second_day: Warehouse) -> None:
    with reader_of(second_day) as reader:
        assert {_count(reader, table) for table in REGION_COLUMNS} == {0}


def test_two_regions_are_seen_together_and_no_row_twice(second_day: Warehouse) -> None:
    with reader_of(second_day, "310000", "310100", "110000") as reader:
        assert _count(reader, "fct_penalty") == second_day.counts()["fct_penalty"]


def test_mart_without_a_region_is_not_for_regional_readers(second_day: Warehouse) -> None:
    views = {name for (name,) in second_day.rows("select viewname from pg_views where schemaname = 'marts'")}
    others = set(second_day.counts()) - set(REGION_COLUMNS) - FOR_EVERY_REGION
    assert {"fct_quarantine", "trace_forward", "disclosure_timeliness"} <= others & views
    with reader_of(second_day, "310000") as reader:
        for table in others & views:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                _count(reader, table)
        assert {_count(reader, table) for table in others - views} == {0}
        for table in FOR_EVERY_REGION:
            assert _count(reader, table) == second_day.counts()[table], table


def test_version_in_the_ledger_is_seen_by_the_regions_of_its_record(second_day: Warehouse) -> None:
    """Of a decision of Shanghai on a company of Beijing both have the record, and nobody else."""
    admin = second_day.admin
    seen = {}
    with admin.transaction(force_rollback=True):
        second_day.publish("DUE〔2026〕1号%")
        for region in ("310000", "110000", "650000"):
            admin.execute("delete from control.region_reader")
            admin.execute("insert into control.region_reader values ('bi_region_reader', %s)", [region])
            admin.execute("set local role bi_region_reader")
            seen[region] = _count(admin, "fct_disclosure")
            admin.execute("reset role")
    assert seen == {"310000": 1, "110000": 1, "650000": 0}


def test_no_row_of_another_region_is_seen_while_the_marts_are_built(second_day_build: SecondDay) -> None:
    for table in set(second_day_build.seen_elsewhere) - FOR_EVERY_REGION:
        seen = second_day_build.seen_elsewhere[table]
        assert seen <= {0, f"permission denied for view {table}"}, (table, seen)


def test_replaced_table_never_shows_a_row_of_another_region(second_day: Warehouse) -> None:
    tables = ["dim_enterprise", "fct_supervision_check"]
    with reader_of(second_day, "650000"), reading_all_along(second_day, tables, "bi_region_reader") as seen:
        assert failures(second_day.dbt("run", "--full-refresh", "--select", *tables)) == []
    assert dict(seen) == {table: {0} for table in tables}
    assert all(second_day.counts()[table] for table in tables)


def test_unlisted_code_belongs_to_its_digits_and_abolished_one_to_its_successor(second_day: Warehouse) -> None:
    lineage = (
        "(values ('310199', '320500'), ('320501', '310115'), ('310115', '310115'), ('310198', null),"
        " ('310120', '310120'), ('310120', '320581'), ('320582', '320582'), ('320582', '310116'))"
    )
    codes = (
        "('310191'), ('310199'), ('320501'), ('310115'), ('310198'), ('320500'), ('310120'), ('320582'), ('320581'),"
        " (null)"
    )
    with reader_of(second_day, "310100"), second_day.admin.transaction(force_rollback=True):
        admin = second_day.admin
        admin.execute(
            "create or replace function control.region_lineage() returns table (region_code text, current_code text)"
            f" language sql stable as $$ select * from {lineage} as l (region_code, current_code) $$".encode()
        )
        admin.execute("grant usage on schema control to bi_region_reader")
        admin.execute("set local role bi_region_reader")
        readable = admin.execute(
            f"select code from (values {codes}) as c (code) where code in (select region_code from"
            " control.readable_region) order by code".encode()
        ).fetchall()
    assert [code for (code,) in readable] == ["310115", "310120", "310191", "310198", "320501", "320582"]


def test_abolished_district_is_read_by_the_one_that_took_it_over(second_day: Warehouse) -> None:
    """南汇区 (310119) came to 浦东新区 (310115), 莱芜市 (371200) of Shandong to 济南市 (370100)."""
    with second_day.admin.transaction(force_rollback=True):
        second_day.admin.execute("update control.region_reader set role_name = 'somebody else'")
        second_day.admin.execute(
            "insert into control.region_reader values ('postgres', '310115'), ('postgres', '370100')"
        )
        readable = second_day.rows(
            "select region_code from control.readable_region where region_code in ('310119', '310115', '371202')"
        )
    assert {code for (code,) in readable} == {"310119", "310115", "371202"}


def test_changed_role_decides_in_a_pooled_session(second_day: Warehouse) -> None:
    with reader_of(second_day, "310000"), second_day.admin.transaction(force_rollback=True):
        admin = second_day.admin
        admin.execute("create role pool noinherit")
        admin.execute("create role bi_xinjiang in role bi_region_reader")
        admin.execute("grant bi_xinjiang, bi_region_reader to pool with inherit false, set true")
        admin.execute("insert into control.region_reader values ('bi_xinjiang', '650000')")
        seen = []
        for role in ("bi_xinjiang", "bi_region_reader"):
            admin.execute("set local role pool")
            admin.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            seen.append(_count(admin, "fct_inspection"))
            admin.execute("reset role")
        assert seen == [0, second_day.counts()["fct_inspection"]]
        admin.execute("set local role pool")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), admin.transaction():
            _count(admin, "fct_inspection")


TELL = """
create function public.tell(value text, other text) returns boolean language plpgsql cost 0.0000001
as $$ begin raise notice '%', value; return true; end $$;
create operator public.<~> (leftarg = text, rightarg = text, function = public.tell);
"""


def test_cheap_function_and_operator_are_shown_no_hidden_row(second_day: Warehouse) -> None:
    """A function that costs nothing would be asked first, were the row policy not a barrier."""
    second_day.admin.execute(TELL.encode())
    told: list[str] = []
    try:
        with reader_of(second_day, "650000") as reader:
            reader.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
            reader.execute("select * from marts.fct_penalty where public.tell(source_key, '')")
            reader.execute("select * from marts.fct_penalty where source_key operator(public.<~>) ''")
            reader.execute("select * from marts.fct_penalty as p join marts.dim_date on public.tell(p.source_key, '')")
            reader.execute("select * from marts.disclosure_worklist where public.tell(item, '')")
            assert told == []
        with reader_of(second_day, "310000") as reader:
            reader.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
            reader.execute("select * from marts.fct_penalty where public.tell(source_key, '')")
            assert len(told) == second_day.counts()["fct_penalty"]
    finally:
        second_day.admin.execute("drop function public.tell cascade")


@pytest.mark.parametrize(
    "attempt",
    [
        "select 1 / (select count(*) from control.readable_region)",
        "select * from control.region_reader",
        "select * from control.region_lineage()",
        "select * from control.region",
        "select * from marts.trace_back",
        "select * from marts.disclosure_timeliness",
        "select * from marts.fct_penalty for update",
    ],
)
def test_side_doors_are_shut(second_day: Warehouse, attempt: str) -> None:
    with reader_of(second_day, "650000") as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(attempt.encode())


def test_row_security_cannot_be_switched_off(second_day: Warehouse) -> None:
    with reader_of(second_day, "650000") as reader:
        reader.execute("set row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            _count(reader, "fct_penalty")


def test_statistics_do_not_tell_of_hidden_rows(second_day: Warehouse) -> None:
    second_day.admin.execute("analyze marts.fct_penalty")
    query = "select count(*) from pg_stats where schemaname = 'marts' and tablename = 'fct_penalty'"
    assert second_day.value(query) > 0
    with reader_of(second_day, "650000") as reader:
        assert reader.execute(query).fetchone() == (0,)
