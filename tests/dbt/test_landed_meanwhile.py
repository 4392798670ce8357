"""What lands while dbt builds waits for the next build and is not lost, wherever deliveries are taken in once."""

import datetime as dt
from pathlib import Path

import case_rows as rows
from built_warehouse import failures, throw_away_warehouse

DAY = dt.date(2026, 3, 18)
DEVICE = "311010120262000001"
TAKEN_IN_ONCE = {
    "int_inspections_judged": f"select count(*) from intermediate.int_inspections_judged where device_key = '{DEVICE}'",
    "int_device_due": f"select count(*) from intermediate.int_device_due where device_key = '{DEVICE}'",
    "dim_equipment": f"select count(*) from marts.dim_equipment where device_code = '{DEVICE}'",
    "fct_hazard": f"select count(distinct device_key) from marts.fct_hazard where device_key = '{DEVICE}'",
    "dim_agency": "select count(*) from marts.dim_agency",
    "credit_archive_event": "select count(*) from marts.credit_archive_event where source_key like '%%|MEANWHILE'",
}


def test_what_lands_during_a_build_is_taken_in_by_the_next(platform_home: Path, tmp_path: Path) -> None:
    with throw_away_warehouse("landed_meanwhile", tmp_path, DAY) as warehouse:
        warehouse.set_days(DAY, DAY)
        path = [f"+{model}" for model in TAKEN_IN_ONCE]
        assert failures(warehouse.dbt("seed")) == []
        assert failures(warehouse.dbt("run", "--select", *path)) == []
        report = rows.inspection("MEANWHILE", "不合格", device_code=DEVICE, use_state="在用")
        warehouse.deliver("agency_inspections", DAY, [report])
        assert failures(warehouse.dbt("run", "--select", *TAKEN_IN_ONCE)) == []  # the versions were written before
        assert [warehouse.value(count) for count in TAKEN_IN_ONCE.values()] == [0] * len(TAKEN_IN_ONCE)
        assert failures(warehouse.dbt("run", "--select", *path)) == []
        assert [warehouse.value(count) for count in TAKEN_IN_ONCE.values()] == [1] * len(TAKEN_IN_ONCE)
