-- Grain: channel × record type × month of the due day: obligations whose last lawful day fell into it, and how many
-- were public by then (KPI T14.2 as amended, domain 11.2). What is late, held without a stopped clock, quarantined or
-- never sent counts below the line. A live view.
{{ config(materialized='view') }}
with published as (
    select
        o.channel,
        coalesce(d.record_type, h.record_type, r.record_type) as record_type,
        o.due_on,
        o.published_on
    from {{ ref('int_obligations_now') }} as o
    left join {{ ref('disclosure_due') }} as d on o.record_id = d.record_id
    left join {{ ref('disclosure_held') }} as h on o.record_id = h.record_id
    left join (
        select distinct on (l.record_id)
            l.record_id,
            l.record_type
        from {{ source('disclosure', 'record') }} as l
        order by l.record_id asc, l.version desc
    ) as r on o.record_id = r.record_id
    where not (o.state = 'WITHDRAWN' and o.published_on is null)
),

waiting as (
    select
        q.channel,
        q.record_type,
        q.due_on,
        null::date as published_on
    from {{ ref('int_quarantined_obligations') }} as q
),

obligations as (
    select p.* from published as p
    union all
    select w.* from waiting as w
)

select
    o.channel,
    o.record_type,
    date_trunc('month', o.due_on)::date as due_month,
    count(*) as obligations,
    count(*) filter (where o.published_on <= o.due_on) as on_time,
    count(*) filter (where o.published_on > o.due_on) as late,
    count(*) filter (where o.published_on is null and o.due_on < b.business_day) as overdue,
    count(*) filter (where o.published_on is null and o.due_on >= b.business_day) as not_yet_due
from obligations as o
cross join {{ source('control', 'business_day') }} as b
where o.due_on is not null
group by o.channel, o.record_type, date_trunc('month', o.due_on)::date
