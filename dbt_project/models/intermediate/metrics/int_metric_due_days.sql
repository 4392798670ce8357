-- Grain: due day up to the business day × region of the authority: obligations whose last lawful day it was and how
-- many were public by then (KPI T14.2, domain 11.2), as disclosure_timeliness counts them by month.
-- A table, so that it is counted once a day.
{{ config(materialized='table') }}
with obligations as (
    select
        o.record_id,
        o.due_on,
        o.published_on
    from {{ ref('int_obligations_now') }} as o
    where o.state <> 'WITHDRAWN' or o.published_on is not null
),

placed as (
    select
        o.due_on,
        o.published_on,
        r.region
    from obligations as o
    left join {{ ref('int_obligation_regions') }} as r on o.record_id = r.record_id
    union all
    select
        q.due_on,
        null as published_on,
        null as region
    from {{ ref('int_quarantined_obligations') }} as q
)

select
    'publication_on_time' as metric,
    p.due_on as day,
    p.region,
    count(*) filter (where p.published_on <= p.due_on)::numeric as numerator,
    count(*)::numeric as denominator
from placed as p
cross join {{ ref('int_as_of_day') }} as d
where p.due_on <= d.valid_day
group by p.due_on, p.region
