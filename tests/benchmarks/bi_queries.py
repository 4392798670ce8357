"""Ten questions a data analyst asks of the marts about inspections."""

QUERIES = {
    "overdue devices by region": """
        select place_region_code, count(distinct device_code)
        from marts.fct_inspection
        where known_to = 'infinity' and next_due_on between date '2026-02-01' and date '2026-02-28'
        group by place_region_code
    """,
    "pass rate by month and kind": """
        select date_trunc('month', inspected_on), device_kind, avg((conclusion = 'PASS')::integer)
        from marts.fct_inspection
        where known_to = 'infinity' and inspected_on >= date '2025-11-01'
        group by 1, 2
    """,
    "history of a device": """
        select * from marts.dim_equipment where device_code = '311010120000012345' order by valid_from
    """,
    "device as known on a day": """
        select * from marts.equipment_as_of('2025-06-30', '2026-03-31') where device_code = '311010120000012345'
    """,
    "versions of a report": """
        select * from marts.fct_inspection where source_key = '12310000425001017F|R77' order by known_from
    """,
    "failed reports by agency last quarter": """
        select agency_uscc, count(*)
        from marts.fct_inspection
        where conclusion = 'FAIL' and inspected_on between date '2025-10-01' and date '2025-12-31'
        group by agency_uscc
    """,
    "user units with most failures in a month": """
        select user_unit_uscc, count(*)
        from marts.fct_inspection
        where conclusion = 'FAIL' and inspected_on between date '2026-01-01' and date '2026-01-31'
        group by user_unit_uscc order by 2 desc limit 20
    """,
    "verdicts on a delivery": """
        select verdict, reason, count(*)
        from marts.fct_verdict
        where source_delivery_id = (select max(source_delivery_id) from marts.fct_inspection)
            and valid_day = (select max(valid_day) from marts.fct_verdict where subject_key = '12310000425001017F|R77')
        group by verdict, reason
    """,
    "verdicts on a report over time": """
        select valid_day, verdict, reason from marts.fct_verdict where subject_key = '12310000425001017F|R77' order by 1
    """,
    "inspections per day for a quarter": """
        select inspected_on, count(*)
        from marts.fct_inspection
        where inspected_on between date '2025-07-01' and date '2025-09-30'
        group by inspected_on order by inspected_on
    """,
}
