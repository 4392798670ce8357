"""A warehouse with a long history of inspections, made by ``generate_series`` where landing leaves accepted rows."""

import datetime as dt

from built_warehouse import Warehouse

from market_regulation.landing.loading import prepare
from market_regulation.sources.catalog import find_source

SOURCE = "agency_inspections"
DELIVERIES = 10  # of the history, one a day
REPORTS_OF_A_DEVICE = 5
FIRST_DAY = dt.date(2026, 3, 2)
DAY_AFTER = FIRST_DAY + dt.timedelta(days=DELIVERIES)  # the first day that comes in increments
_ROWS = """
    insert into landing.agency_inspections (
        business_day, delivery_id, row_no, report_no, report_version, device_code, device_kind, region_code,
        user_unit_name, user_unit_uscc, agency_uscc, inspection_type, inspected_on, reported_on, conclusion,
        next_due_on, use_state
    )
    select
        %(day)s, %(delivery)s, row_number() over (), 'R' || n, %(version)s,
        '31101012' || lpad((n / %(each)s)::text, 10, '0'),
        '电梯', (array['310115', '110105', '320102', '330106', '440106'])[1 + n %% 5],
        '单位' || n %% 20000, '91' || (array['3101', '1101', '3201'])[1 + n %% 3] || lpad((n %% 20000)::text, 12, '0'),
        '12310000425001017F', '定期检验',
        to_char(d.inspected, 'YYYY/FMMM/FMDD'), to_char(d.inspected + 2, 'YYYY/FMMM/FMDD'),
        case when n %% 23 = 0 then '不合格' else '合格' end, to_char(d.inspected + 365, 'YYYY/FMMM/FMDD'), '在用'
    from generate_series(%(first)s::bigint, %(last)s) as n
    cross join lateral (select '2021-01-01'::date + (n * 7919 %% 1850)::integer as inspected) as d
"""


def deliver(warehouse: Warehouse, day: dt.date, numbers: list[tuple[int, int, int]], age_days: int = 0) -> None:
    """Land one delivery of reports as accepted.

    Args:
        warehouse: Where.
        day: Its business day.
        numbers: First and last number of the reports, and their version.
        age_days: How long ago it was received.
    """
    prepare(find_source(SOURCE), day)
    rows = sum(last - first + 1 for first, last, _ in numbers)
    delivery = warehouse.value(
        """
        insert into landing.delivery (
            source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
            quarantined_rows, duplicate_rows, blocked_rows, status, business_day, received_at
        )
        values (%(source)s, 'bench', %(profile)s, 'bench', gen_random_uuid(), gen_random_uuid(), 0,
                %(rows)s, %(rows)s, %(rows)s, 0, 0, 0, 'loaded', %(day)s, now() - make_interval(days => %(age)s))
        returning delivery_id
        """,
        source=SOURCE,
        profile=next(iter(find_source(SOURCE).profiles)),
        rows=rows,
        day=day,
        age=age_days,
    )
    before = 0
    for first, last, version in numbers:
        values = {"day": day, "delivery": delivery, "first": first, "last": last, "version": str(version)}
        text = _ROWS.replace("row_number() over ()", f"{before} + row_number() over ()")
        warehouse.admin.execute(text.encode(), {**values, "each": REPORTS_OF_A_DEVICE})
        before += last - first + 1


def deliver_history(warehouse: Warehouse, rows: int) -> None:
    """Land ``rows`` reports in ten deliveries of ten days, received long ago."""
    each = rows // DELIVERIES
    for n in range(DELIVERIES):
        deliver(warehouse, FIRST_DAY + dt.timedelta(days=n), [(n * each + 1, (n + 1) * each, 1)], age_days=60)
    warehouse.admin.execute("analyze")


def deliver_day(warehouse: Warehouse, rows: int, number: int) -> dt.date:
    """Land the increment ``number`` (from 0): 9 800 new reports and corrections of 200 old ones; return its day."""
    day = DAY_AFTER + dt.timedelta(days=number)
    first = rows + 1 + number * 9_800
    corrected = 1 + number * 200
    deliver(warehouse, day, [(first, first + 9_799, 1), (corrected, corrected + 199, 2)])
    return day
