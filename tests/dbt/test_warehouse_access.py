"""What readers of the marts can see and trace, and what they cannot."""

import json

import jsonschema
import psycopg
import pytest
from built_warehouse import Warehouse, failures
from steady_reader import SecondDay

from market_regulation import settings
from market_regulation.sources.catalog import load_sources

FIXED_NAMES = {
    "dim_date", "dim_enterprise", "dim_equipment", "dim_certificate", "dim_region", "fct_inspection", "fct_spot_check",
    "fct_ccc_check", "fct_penalty", "fct_verdict", "disclosure_due", "disclosure_held", "disclosure_ended",
    "disclosure_public", "disclosure_worklist", "fct_quarantine", "quarantine_by_submitter", "trace_back",
    "trace_forward", "disclosure_timeliness", "disclosure_regime_change", "disclosure_unconfirmed_rule",
    "fct_serious_listing", "fct_supervision_check", "fct_other_dept_penalty", "source_freshness",
    "dim_region_successor", "dim_metric", "metric_daily",
    "subject_resolution", "subject_review",
    "credit_archive", "credit_archive_coverage", "credit_archive_disclosure", "credit_archive_event",
    "dim_archive_risk_rule", "key_product_enterprise",
    "dim_product_category", "fct_spot_check_party", "fct_spot_check_item", "fct_spot_check_event",
    "dim_agency", "dim_authority", "fct_certificate_event", "fct_disclosure", "fct_hazard",
}  # fmt: skip
LIVE_VIEWS = {
    "credit_archive",
    "credit_archive_coverage",
    "key_product_enterprise",
    "disclosure_timeliness",
    "disclosure_public",
    "disclosure_worklist",
    "fct_certificate_event",
    "fct_disclosure",
    "fct_quarantine",
    "source_freshness",
    "subject_review",
    "trace_back",
    "trace_forward",
}
SCHEMAS = settings.project_root() / "plugins" / "market_regulation" / "disclosure" / "schemas"


def test_marts_have_the_names_that_others_call(built_empty: Warehouse) -> None:
    found = built_empty.rows("select table_name from information_schema.tables where table_schema = 'marts'")
    assert {name for (name,) in found} == FIXED_NAMES


def test_no_personal_column_of_any_contract_reaches_the_marts(built_empty: Warehouse) -> None:
    personal = {name for source in load_sources() for name, column in source.columns.items() if column.personal}
    assert {"party_id_no", "party_address", "legal_representative", "maker", "checker"} <= personal
    found = built_empty.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('staging', 'intermediate', 'marts') or table_name = 'obligation'"
    )
    assert [place for place in found if place[2] in personal] == []


def test_natural_person_is_named_only_in_what_the_law_publishes(second_day: Warehouse) -> None:
    naming = [
        table
        for (table,) in second_day.rows("select tablename from pg_tables where schemaname = 'marts'")
        if "张三" in (second_day.content(f"marts.{table}") or "")
    ]
    assert naming == ["disclosure_due"]


def test_payloads_have_the_form_of_their_schemas(second_day: Warehouse) -> None:
    found = second_day.rows("select channel, record_type, payload from marts.disclosure_due")
    assert found
    for channel, record_type, payload in found:
        schema = json.loads((SCHEMAS / channel / f"{record_type}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(payload)


def test_bi_reader_reads_every_mart(second_day: Warehouse) -> None:
    with psycopg.connect(second_day.uri("bi_reader")) as reader:
        for name in FIXED_NAMES:
            reader.execute(f"select count(*) from marts.{name}".encode())


def test_reader_sees_the_old_table_or_the_new_one(
    second_day_build: SecondDay, counts_of_first_day: dict[str, int]
) -> None:
    assert set(second_day_build.seen) == FIXED_NAMES
    errors = {table: [x for x in found if isinstance(x, str)] for table, found in second_day_build.seen.items()}
    assert {table: messages for table, messages in errors.items() if messages} == {}
    for table in FIXED_NAMES - LIVE_VIEWS:
        assert second_day_build.seen[table] <= {counts_of_first_day[table], second_day_build.counts[table]}, table


def test_published_record_is_traced_back_and_its_row_forward(second_day: Warehouse) -> None:
    second_day.publish("DUE〔2026〕1号%")
    back = second_day.rows("select source, uri, delivery_id, row_no, op from marts.trace_back")
    assert [(source, uri, row_no, op) for source, uri, _, row_no, op in back] == [
        ("amr_penalties", "hand:amr_penalties", 1, "UPSERT")
    ]
    forward = second_day.rows(
        """
        select outcome, source_key like 'DUE%%', rule_id, state, cardinality(ledger_seqs) from marts.trace_forward
        where delivery_id = %(delivery_id)s and row_no = 1
        order by rule_id
        """,
        delivery_id=back[0][2],
    )
    assert forward == [
        ("accepted", True, "CREDIT-PENALTY", "DUE", 1),
        ("accepted", True, "GSXT-PENALTY", "PUBLISHED", 1),
    ]
    assert second_day.rows("select published_on::text, publish_until::text from marts.disclosure_public") == [
        ("2026-03-17", "2027-03-17")
    ]


def test_every_received_row_is_found_in_trace_forward(second_day: Warehouse) -> None:
    traced = second_day.value("select count(distinct (delivery_id, row_no)) from marts.trace_forward")
    assert traced == second_day.value("select sum(received_rows) from landing.delivery")


@pytest.mark.parametrize(
    ("rows_before", "asked", "is_restricted"),
    [
        (1_000_000, "{tested_days: 1}", True),
        (1_000_000, "{tested_days: 1, every_row: true}", False),
        (0, "{tested_days: 1}", False),
    ],
    ids=["little came", "every row asked for", "much came"],
)
def test_tests_look_up_keys_only_where_little_came_lately(
    second_day: Warehouse, rows_before: int, asked: str, is_restricted: bool
) -> None:
    """Beside so many rows before, the second day brings little; either way what it brings is sound."""
    more = """
        update landing.delivery set received_rows = received_rows + %(rows)s, accepted_rows = accepted_rows + %(rows)s
        where business_day = '2026-03-16'
    """
    second_day.admin.execute(more, {"rows": rows_before})
    try:
        tested = second_day.dbt("test", "--select", "dim_enterprise,test_type:generic", "--vars", asked)
    finally:
        second_day.admin.execute(more, {"rows": -rows_before})
    assert failures(tested) == []
    texts = [result.node.compiled_code for result in tested.result if result.node.resource_type == "test"]
    assert len(texts) > 3
    assert {"k.source_delivery_id in (" in text for text in texts} == {is_restricted}


def test_documentation_site_is_generated(built_empty: Warehouse) -> None:
    assert built_empty.dbt("docs", "generate").success
    catalog = json.loads((built_empty.folder / "target" / "catalog.json").read_text(encoding="utf-8"))
    assert {node.rpartition(".")[2] for node in catalog["nodes"]} >= FIXED_NAMES


def test_freshness_is_told_by_the_newest_event(second_day: Warehouse) -> None:
    """A source that delivered today is old all the same when nothing it says is new."""
    with second_day.admin.transaction(force_rollback=True):
        for source, newest in (("amr_penalties", "2026-03-12"), ("samr_spot_checks", "2020-01-01")):
            second_day.admin.execute(
                "update landing.delivery set newest_event = %s where source = %s", [newest, source]
            )
        found = second_day.rows(
            "select source, newest_event_on::text, newest_delivery_on::text, event_age_days, days_late, state"
            " from marts.source_freshness where source in ('amr_penalties', 'samr_spot_checks', 'case_events')"
        )
    by_source = {row[0]: row[1:] for row in found}
    assert by_source["amr_penalties"] == ("2026-03-12", "2026-03-17", 5, 0, "fresh")  # the contract allows 5 days
    assert by_source["samr_spot_checks"][1] == "2026-03-16"
    assert by_source["samr_spot_checks"][-1] == "far_too_old"
    assert by_source["case_events"] == (None, "2026-03-17", None, None, "never")
