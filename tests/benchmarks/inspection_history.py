"""A warehouse with a long history of inspections, made by ``generate_series`` where landing leaves accepted rows.

Five years of reports, one a year on each device, in deliveries of ten thousand; then days that bring reports of the
last three weeks and corrections of old ones.
"""

import datetime as dt

from built_warehouse import Warehouse

from market_regulation.landing.loading import ensure_table
from market_regulation.sources.catalog import find_source

SOURCE = "agency_inspections"
REPORTS_OF_A_DELIVERY = 10_000
REPORTS_OF_A_DEVICE = 5
FIRST_DAY = dt.date(2021, 9, 1)  # the first delivery's
DAYS = 1820  # of the history
# The first day that comes in increments. After a fortnight's pause no test looks back into the history, whose
# deliveries lie the closer together the longer it is: a day of each size then tests as many rows.
DAY_AFTER = FIRST_DAY + dt.timedelta(days=DAYS + 14)
_ROWS = """
    insert into landing.agency_inspections (
        business_day, delivery_id, row_no, report_no, report_version, device_code, device_kind, region_code,
        user_unit_name, user_unit_uscc, agency_uscc, inspection_type, inspected_on, reported_on, conclusion,
        next_due_on, use_state
    )
    select
        %(day)s, %(delivery)s, row_number() over (), 'R' || n, %(version)s,
        '31101012' || lpad(d.device::text, 10, '0'),
        '电梯', (array['310115', '110105', '320102', '330106', '440106'])[1 + d.device %% 5],
        '单位' || d.device %% 20000,
        '91' || (array['3101', '1101', '3201'])[1 + d.device %% 3] || lpad((d.device %% 20000)::text, 12, '0'),
        '12310000425001017F', '定期检验',
        to_char(d.inspected, 'YYYY/FMMM/FMDD'), to_char(d.inspected + 2, 'YYYY/FMMM/FMDD'),
        case when n %% 23 = 0 then '不合格' else '合格' end, to_char(d.inspected + 365, 'YYYY/FMMM/FMDD'), '在用'
    from generate_series(%(first)s::bigint, %(last)s) as n
    cross join lateral (
        select
            n %% %(devices)s as device,
            case
                when n <= %(history)s
                    then %(first_day)s::date - 100 + (n * %(days)s / %(history)s)::integer
                else %(day)s::date - 3 - (n %% 20)::integer
            end as inspected
    ) as d
"""


def deliver(warehouse: Warehouse, day: dt.date, history: int, numbers: list[tuple[int, int, int]]) -> None:
    """Land one delivery of reports as accepted.

    Args:
        warehouse: Where.
        day: Its business day, on which it was received.
        history: How many reports the history has.
        numbers: First and last number of the reports, and their version.
    """
    ensure_table(warehouse.admin, find_source(SOURCE), day)
    rows = sum(last - first + 1 for first, last, _ in numbers)
    delivery = warehouse.value(
        """
        insert into landing.delivery (
            source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
            quarantined_rows, duplicate_rows, blocked_rows, status, business_day, received_at
        )
        values (%(source)s, 'bench', %(profile)s, 'bench', gen_random_uuid(), gen_random_uuid(), 0,
                %(rows)s, %(rows)s, %(rows)s, 0, 0, 0, 'loaded', %(day)s, %(day)s::timestamp)
        returning delivery_id
        """,
        source=SOURCE,
        profile=next(iter(find_source(SOURCE).profiles)),
        rows=rows,
        day=day,
    )
    values = {
        "day": day, "delivery": delivery, "history": history, "devices": history // REPORTS_OF_A_DEVICE,
        "first_day": FIRST_DAY, "days": DAYS,
    }  # fmt: skip
    before = 0
    for first, last, version in numbers:
        text = _ROWS.replace("row_number() over ()", f"{before} + row_number() over ()")
        warehouse.admin.execute(text.encode(), {**values, "first": first, "last": last, "version": str(version)})
        before += last - first + 1


def deliver_history(warehouse: Warehouse, rows: int) -> None:
    """Land ``rows`` reports of five years."""
    each = REPORTS_OF_A_DELIVERY
    for first in range(1, rows + 1, each):
        day = FIRST_DAY + dt.timedelta(days=first * DAYS // rows)
        deliver(warehouse, day, rows, [(first, first + each - 1, 1)])
    warehouse.admin.execute("analyze")


def deliver_day(warehouse: Warehouse, rows: int, number: int) -> dt.date:
    """Land the increment ``number`` (from 0): 9 800 new reports and corrections of 200 old ones; return its day."""
    day = DAY_AFTER + dt.timedelta(days=number)
    first = rows + 1 + number * 9_800
    corrected = 1 + number * 200
    deliver(warehouse, day, rows, [(first, first + 9_799, 1), (corrected, corrected + 199, 2)])
    return day
