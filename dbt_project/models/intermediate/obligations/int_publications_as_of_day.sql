-- Grain: one record that a receiver took, with the day of its first accepted receipt, as known on known_day.
select
    r.record_id,
    min(t.published_on) as published_on
from {{ ref('stg_platform__receipts') }} as t
inner join {{ ref('stg_platform__records') }} as r on t.record_id = r.record_id and t.version = r.version
cross join {{ ref('int_as_of_day') }} as d
where
    t.business_day <= d.known_day
    and t.verdict in ('accepted', 'duplicate')
    and r.op in ('UPSERT', 'CORRECT', 'RESUME', 'SUSPEND')
group by r.record_id
