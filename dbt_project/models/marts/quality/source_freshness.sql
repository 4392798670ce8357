-- Grain: one source. How old its newest event is by the business day, against what its contract allows: a source may
-- deliver every day and have nothing new to say. A live view.
{{ config(materialized='view') }}
with newest as (
    select
        d.source,
        max(d.newest_event) as newest_event_on,
        max(d.business_day) as newest_delivery_on
    from {{ source('landing', 'delivery') }} as d
    cross join {{ source('control', 'business_day') }} as b
    where d.status = 'loaded' and d.business_day <= b.business_day
    group by d.source
)

select
    p.source,
    p.title,
    n.newest_event_on,
    n.newest_delivery_on,
    b.business_day - n.newest_event_on as event_age_days,
    p.warn_days,
    p.error_days,
    p.deadline,
    case
        when n.newest_event_on is not null then greatest(b.business_day - n.newest_event_on - p.warn_days, 0)
    end as days_late,
    case
        when n.newest_event_on is null then 'never'
        when b.business_day - n.newest_event_on > p.error_days then 'far_too_old'
        when b.business_day - n.newest_event_on > p.warn_days then 'old'
        else 'fresh'
    end as state
from {{ source('quality', 'source_promise') }} as p
cross join {{ source('control', 'business_day') }} as b
left join newest as n on p.source = n.source
