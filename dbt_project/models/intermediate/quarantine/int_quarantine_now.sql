-- Grain: one rejected row, with what has become of it this moment. Inlined into each live view, so that rebuilding one
-- never drops another; for the same reason it stands on the platform's own tables and on a mart replaced in place.
{{ config(materialized='ephemeral') }}
with sent_again as (
    select distinct
        c.of_delivery_id,
        c.of_row_no
    from {{ source('landing', 'correction') }} as c
    inner join {{ source('landing', 'delivery') }} as d on c.delivery_id = d.delivery_id
    where d.status = 'loaded'
)

select
    q.delivery_id,
    q.row_no,
    q.source,
    q.source_key,
    d.submitter,
    d.business_day,
    q.rule_ids,
    q.reasons,
    q.warned_ids,
    case
        when q.resolved_by_delivery_id is not null then 'resolved'
        when a.of_row_no is not null then 'sent_again'
        when q.withdrawn_by_delivery_id is not null then 'withdrawn'
        else 'open'
    end as state,
    q.resolved_by_delivery_id,
    r.business_day as resolved_on,
    q.withdrawn_by_delivery_id,
    coalesce(r.business_day, w.business_day, today.business_day) - d.business_day as age_days,
    last_day.working_day_no - first_day.working_day_no as age_working_days
from {{ source('quality', 'quarantine') }} as q
inner join {{ source('landing', 'delivery') }} as d on q.delivery_id = d.delivery_id
cross join {{ source('control', 'business_day') }} as today
left join sent_again as a on q.delivery_id = a.of_delivery_id and q.row_no = a.of_row_no
left join {{ source('landing', 'delivery') }} as r on q.resolved_by_delivery_id = r.delivery_id
left join {{ source('landing', 'delivery') }} as w
    on q.withdrawn_by_delivery_id = w.delivery_id and a.of_row_no is null
left join {{ ref('dim_date') }} as first_day on d.business_day = first_day.date_day
left join {{ ref('dim_date') }} as last_day
    on coalesce(r.business_day, w.business_day, today.business_day) = last_day.date_day
