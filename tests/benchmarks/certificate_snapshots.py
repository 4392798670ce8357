"""A register of certificates that is delivered whole each day, as landing leaves it: a row that repeats is none."""

import datetime as dt

from built_warehouse import Warehouse

from market_regulation.landing.loading import ensure_table
from market_regulation.sources.catalog import find_source

SOURCE = "cnca_certificates"
FIRST_DAY = dt.date(2026, 3, 2)
_ROWS = """
    insert into landing.cnca_certificates (
        business_day, delivery_id, row_no, certificate_no, status, status_on, issued_on, expires_on, ccc_code,
        product_name, applicant_name, applicant_uscc, factory_name, factory_uscc, body_code, body_name
    )
    select
        %(day)s, %(delivery)s, n, (2024010300000000 + n)::text, %(status)s, %(status_on)s, '2024-01-01', '2029-01-01',
        '0301', '断路器', '单位' || n %% 20000, '913101' || lpad((n %% 20000)::text, 12, '0'), '工厂' || n %% 20000,
        '913101' || lpad((n %% 20000)::text, 12, '0'), '01', 'CQC'
    from generate_series(%(first)s::bigint, %(last)s) as n
"""


def deliver(warehouse: Warehouse, day: dt.date, rows: int, changed: tuple[int, int], status: str) -> None:
    """Land a snapshot of ``rows`` certificates, of which those numbered from first to last are new or changed.

    Args:
        warehouse: Where.
        day: Its business day.
        rows: Certificates in the register.
        changed: First and last number of those that were not known so.
        status: Their state from that day on, as written.
    """
    ensure_table(warehouse.admin, find_source(SOURCE), day)
    first, last = changed
    accepted = max(last - first + 1, 0)
    delivery = warehouse.value(
        """
        insert into landing.delivery (
            source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
            quarantined_rows, duplicate_rows, blocked_rows, status, business_day, received_at
        )
        values (%(source)s, 'bench', %(profile)s, 'bench', gen_random_uuid(), gen_random_uuid(), 0, %(rows)s, %(rows)s,
                %(accepted)s, 0, %(rows)s - %(accepted)s, 0, 'loaded', %(day)s, %(day)s::timestamp)
        returning delivery_id
        """,
        source=SOURCE,
        profile=next(iter(find_source(SOURCE).profiles)),
        rows=rows,
        accepted=accepted,
        day=day,
    )
    values = {"day": day, "delivery": delivery, "first": first, "last": last, "status": status}
    warehouse.admin.execute(_ROWS.encode(), {**values, "status_on": day.isoformat()})
