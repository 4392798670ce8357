"""Rejected rows in the marts: what became of them and how old they are, seen without a build."""

import datetime as dt

import psycopg
from built_warehouse import Warehouse

MONDAY = dt.date(2026, 3, 16)
REJECTED = """
with delivered as (
    insert into landing.delivery (delivery_id, source, submitter, profile, uri, arrival, sha256, bytes, received_rows,
                                  accepted_rows, quarantined_rows, duplicate_rows, blocked_rows, status, business_day)
    select n, 's', 'A', 'p', 'u', 'arrival ' || n, 'x', 0, 3, 0, 3, 0, 0, 'loaded', date '2026-03-09' + 7 * (n - 900001)
    from (values (900001), (900002)) as v (n)
)
insert into quality.quarantine (delivery_id, source, row_no, business_day, record, rule_ids, reasons,
                                resolved_by_delivery_id, withdrawn_by_delivery_id)
select 900001, 's', row_no, '2026-03-09', '{"name": "张三"}', '{R-01}', '{甲}', resolved_by, withdrawn_by
from (values (1, 900002, null), (2, null, 900002), (3, null, null), (4, null, 900002), (5, 900002, 900002))
    as v (row_no, resolved_by, withdrawn_by)
"""


def test_a_rejected_row_is_open_resolved_sent_again_or_withdrawn(built_empty: Warehouse) -> None:
    with psycopg.connect(built_empty.uri("postgres")) as admin:
        admin.execute(REJECTED)
        admin.execute("insert into landing.correction values (900002, 1, 900001, 2)")
        admin.execute("update control.business_day set business_day = '2026-03-24', known_day = '2026-03-24'")
        found = admin.execute(
            "select row_no, state, resolved_on, age_days, age_working_days from marts.fct_quarantine"
            " where delivery_id = 900001 order by row_no"
        ).fetchall()
        admin.rollback()
    assert found == [
        (1, "resolved", MONDAY, 7, 5),
        (2, "sent_again", None, 15, 11),
        (3, "open", None, 15, 11),
        (4, "withdrawn", None, 7, 5),
        (5, "resolved", MONDAY, 7, 5),
    ]
