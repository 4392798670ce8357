"""One warehouse of its own, built by dbt on two business days; the tests look at what each build left.

The builds are the cost of this folder, so they are made once: on an empty warehouse with every test, on the first day
with every data test, on the second day with corrections, a late event and a late rule.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import case_rows as rows
import psycopg
import pytest
from built_warehouse import Warehouse, failures, throw_away_warehouse
from steady_reader import SecondDay, reading_all_along

DATABASE = "dbt_warehouse"
FIRST_DAY = dt.date(2026, 3, 16)
SECOND_DAY = dt.date(2026, 3, 17)
PASSED = {"conclusion": "合格", "failed_items": "[]"}


@pytest.fixture(scope="session")
def empty_warehouse(platform_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The platform's tables and the views of every source, without a row, and dbt's environment."""
    with throw_away_warehouse(DATABASE, tmp_path_factory.mktemp("dbt"), FIRST_DAY) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def built_empty(empty_warehouse: Warehouse) -> Warehouse:
    """Everything built and tested without a single row: seeds, models, data tests, unit tests."""
    empty_warehouse.set_days(FIRST_DAY, FIRST_DAY)
    assert failures(empty_warehouse.dbt("build")) == []
    return empty_warehouse


@pytest.fixture(scope="session")
def first_day(built_empty: Warehouse) -> Warehouse:
    """The first business day: one row of each situation, every data test passed."""
    deliveries = {
        "registry_enterprises": [rows.enterprise(rows.REGISTERED, rows.REGISTERED_NAME, "2010-01-01")],
        "amr_penalties": _penalties(),
        "samr_spot_checks": _samples(),
        "case_events": _events(),
        "agency_inspections": [
            rows.inspection("I1", "合格"),
            rows.inspection("I2", "不合格", inspected_on="2026/2/5", reported_on="2026/2/6"),
        ],
        "cnca_certificates": [rows.certificate("有效", "2024-01-01")],
        "cnca_validity_checks": [rows.validity_check("V1", "合格"), rows.validity_check("V2", "不合格")],
        "amr_serious_listings": [
            rows.listing("LISTED〔2026〕1号"),
            rows.listing("CANDIDATE〔2026〕2号", stage="告知", listed_on=None, served_on=None),
            rows.listing("REMOVED〔2026〕3号", stage="移出", removed_on="2026-03-16"),
        ],
        "amr_supervision_checks": [
            rows.supervision_check("CHECK-FAILED"),
            rows.supervision_check("CHECK-PASSED", conclusion="未发现问题"),
        ],
        "other_department_penalties": [
            rows.other_department_penalty("OTHER-DUE"),
            rows.other_department_penalty("OTHER-REVOKED", revoked_on="2026-03-12"),
        ],
    }
    for source, delivered in deliveries.items():
        built_empty.deliver(source, FIRST_DAY, delivered)
    suspended = [rows.certificate("有效", "2024-01-01"), rows.certificate("暂停", "2026-03-01")]
    built_empty.deliver("cnca_certificates", FIRST_DAY, [row | {"certificate_no": rows.RESTORED} for row in suspended])
    assert failures(built_empty.dbt("build", "--exclude-resource-type", "unit_test")) == []
    return built_empty


def _penalties() -> list[rows.Row]:
    person = {
        "party_kind": "自然人",
        "party_uscc": None,
        "party_name": "张三",
        "party_id_type": "身份证",
        "party_id_no": "11010519491231002X",
    }
    return [
        rows.penalty("DUE〔2026〕1号"),
        rows.penalty("CORRECTED〔2026〕2号"),
        rows.penalty("REVOKED〔2026〕3号"),
        rows.penalty("UNSERVED〔2026〕4号"),
        rows.penalty("WARNING〔2026〕5号", penalty_kinds="警告", fine_amount=None),
        rows.penalty("MISNAMED〔2026〕6号", party_name="北京乙有限公司"),
        rows.penalty("PERSON〔2026〕7号", **person),
        rows.penalty("SEVERE〔2026〕8号", penalty_kinds="吊销许可证件", fine_amount=None, license_revoked="许可证"),
    ]


def _samples() -> list[rows.Row]:
    return [
        rows.sample("S1"),
        rows.sample("S2"),
        rows.sample("S3", **PASSED),
        rows.sample("S4", product_domain="food"),
        rows.sample(
            "S5",
            **PASSED,
            product_category="电线电缆",
            seller_name="上海丙有限公司",
            seller_uscc=rows.LATE,
            seller_region_code="310115",
        ),
    ]


def _events() -> list[rows.Row]:
    served = [p["document_no"] for p in _penalties() if not str(p["document_no"]).startswith("UNSERVED")]
    events = [rows.event(f"E{n}", rows.penalty_key(str(d)), "service", "2026-02-11") for n, d in enumerate(served)]
    return [
        *events,
        rows.event("E-S1", "S1|producer", "service", "2026-01-26"),
        rows.event("E-S2", "S2|producer", "service", "2026-03-02"),
        rows.event("E-V2", "V2", "service", "2026-02-24"),
    ]


@pytest.fixture(scope="session")
def verdicts_of_first_day(first_day: Warehouse) -> str:
    """What was said on the first day, byte for byte."""
    return first_day.verdicts_as_text(FIRST_DAY, FIRST_DAY)


@pytest.fixture(scope="session")
def obligations_of_first_day(first_day: Warehouse) -> list[tuple[str, ...]]:
    """Readable part of the key, due date, regime, state and hold reason of every obligation on the first day."""
    return first_day.rows(
        """
        select
            o.channel, split_part(coalesce(d.source_key, h.source_key), '〔', 1), o.due_on::text, o.regime_id, o.state,
            o.held_reason
        from disclosure.obligation as o
        left join marts.disclosure_due as d using (record_id)
        left join marts.disclosure_held as h using (record_id)
        """
    )


@pytest.fixture(scope="session")
def figures_of_first_day(first_day: Warehouse) -> list[tuple[str, ...]]:
    """Metric, day, region, numerator and denominator of every figure on the first day."""
    return first_day.figures()


@pytest.fixture(scope="session")
def counts_of_first_day(first_day: Warehouse) -> dict[str, int]:
    """How many rows each mart had on the first day."""
    return first_day.counts()


@pytest.fixture(scope="session")
def archive_of_first_day(first_day: Warehouse) -> dict[str, dict[str, Any]]:
    """The credit archives as of the first day, by uscc."""
    return _archives(first_day)


@pytest.fixture(scope="session")
def archive_of_second_day(second_day: Warehouse) -> dict[str, dict[str, Any]]:
    """The credit archives as of the second day, by uscc."""
    return _archives(second_day)


def _archives(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    found = warehouse.rows("select to_jsonb(a) from marts.credit_archive as a")
    return {archive["uscc"]: archive for (archive,) in found}


@pytest.fixture(scope="session")
def second_day_build(
    first_day: Warehouse,
    verdicts_of_first_day: str,
    obligations_of_first_day: list[tuple[str, ...]],
    figures_of_first_day: list[tuple[str, ...]],
    counts_of_first_day: dict[str, int],
    archive_of_first_day: dict[str, dict[str, Any]],
) -> SecondDay:
    """The day after: a corrected row, an event about the past, a new name and a rule about the past, known only now."""
    corrected = rows.penalty("CORRECTED〔2026〕2号", procedure="简易程序", fine_amount="3")
    revoked = rows.event("L1", rows.penalty_key("REVOKED〔2026〕3号"), "decision_revoked", "2026-03-12")
    renamed = [
        rows.enterprise(rows.REGISTERED, rows.REGISTERED_NAME, "2010-01-01", "2026-01-01"),
        rows.enterprise(rows.REGISTERED, "北京乙有限公司", "2026-01-01"),
    ]
    first_day.deliver("amr_penalties", SECOND_DAY, [corrected])
    first_day.deliver("case_events", SECOND_DAY, [revoked])
    first_day.deliver("registry_enterprises", SECOND_DAY, renamed)
    first_day.deliver("cnca_certificates", SECOND_DAY, [rows.certificate("暂停", "2026-03-01")])
    restored = rows.certificate("有效", "2026-03-10") | {"certificate_no": rows.RESTORED}
    first_day.deliver("cnca_certificates", SECOND_DAY, [restored])
    first_day.deliver("registry_enterprises", SECOND_DAY, [rows.enterprise(rows.LATE, "上海丙有限公司", "2020-01-01")])
    first_day.admin.execute(
        """
        insert into rules.dispatch
        select (jsonb_populate_record(d, '{"enabled": false, "known_from": "2026-03-17"}')).*
        from rules.dispatch as d
        where d.fact = 'spot_check_product'
        """
    )
    first_day.set_days(SECOND_DAY, SECOND_DAY)
    with psycopg.connect(first_day.uri("steward")) as steward:
        steward.execute(
            "insert into quality.subject_decision (fact_kind, source_key, role, party_name, uscc, reason, decided_by)"
            " values ('ccc_check', 'V1', 'factory', %s, %s, '营业执照副本', '赵六')",
            (rows.REGISTERED_NAME, rows.REGISTERED),
        )
    first_day.admin.execute("insert into control.region_reader values ('bi_region_reader', '650000')")
    tables = list(counts_of_first_day)
    with (
        reading_all_along(first_day, tables) as seen,
        reading_all_along(first_day, tables, "bi_region_reader") as elsewhere,
    ):
        assert failures(first_day.dbt("run")) == []
    return SecondDay(first_day, seen, elsewhere, first_day.counts())


@pytest.fixture(scope="session")
def second_day(second_day_build: SecondDay) -> Warehouse:
    """The warehouse as built on the second day."""
    return second_day_build.warehouse
