-- Grain: stock metric × region on the day of the build. A stock is counted on its own day (known_day = valid_day) and
-- never again: a later correction changes the next day's stock. A device is overdue when its due day is past
-- (int_device_due). A table, so that it is counted once a day.
{{ config(materialized='table') }}
with devices as (
    select
        v.region_code as region,
        d.valid_day,
        v.next_due_on
    from {{ ref('int_device_due') }} as v
    inner join {{ ref('int_as_of_day') }} as d
        on v.valid_from <= d.valid_day and v.known_from <= d.known_day and d.known_day < v.known_to
),

certificates as (
    select
        {{ region_of_code('c.applicant_uscc') }} as region,
        c.status
    from {{ ref('dim_certificate') }} as c
    inner join {{ ref('int_as_of_day') }} as d
        on
            c.valid_from <= d.valid_day and d.valid_day < c.valid_to
            and c.known_from <= d.known_day and d.known_day < c.known_to
),

open_obligations as (
    select
        o.state,
        o.due_on,
        r.region
    from {{ ref('int_obligations_now') }} as o
    left join {{ ref('int_obligation_regions') }} as r on o.record_id = r.record_id
    where o.published_on is null and o.state in ('DUE', 'SENT', 'REJECTED', 'HELD')
    union all
    select
        'QUARANTINED' as state,
        q.due_on,
        null as region
    from {{ ref('int_quarantined_obligations') }} as q
),

open_by_region as (
    select
        o.region,
        count(*) as all_open,
        count(*) filter (where o.state = 'HELD') as held,
        count(*) filter (where o.due_on < d.valid_day) as late
    from open_obligations as o
    cross join {{ ref('int_as_of_day') }} as d
    group by o.region
),

counted as (
    select
        'inspections_overdue' as metric,
        v.region,
        count(*) filter (where v.next_due_on < v.valid_day) as numerator,
        count(*) as denominator
    from devices as v
    group by v.region
    union all
    select
        s.metric,
        c.region,
        count(*) filter (where c.status = s.status) as numerator,
        count(*) as denominator
    from certificates as c
    cross join (
        values
        ('certificates_valid', 'VALID'),
        ('certificates_suspended', 'SUSPENDED'),
        ('certificates_revoked', 'REVOKED')
    ) as s (metric, status)
    group by s.metric, c.region
    union all
    select
        m.metric,
        o.region,
        m.numerator,
        m.denominator
    from open_by_region as o
    cross join
        lateral (
            values
            ('obligations_open', o.all_open, null),
            ('obligations_held', o.held, o.all_open),
            ('obligations_late', o.late, o.all_open)
        ) as m (metric, numerator, denominator)
)

select
    c.metric,
    d.valid_day as day,
    c.region,
    c.numerator::numeric as numerator,
    c.denominator::numeric as denominator
from counted as c
cross join {{ ref('int_as_of_day') }} as d
where d.valid_day = d.known_day
