-- Grain: one record that another one replaced after its subject proved wrong (A14), with the newest of its successors
-- as known on known_day.
with recursive links as (
    select distinct
        r.replaces_record_id as record_id,
        r.record_id as successor_id
    from {{ ref('stg_platform__records') }} as r
    cross join {{ ref('int_as_of_day') }} as d
    where r.replaces_record_id is not null and r.business_day <= d.known_day
),

chains as (
    select
        l.record_id,
        l.successor_id,
        1 as steps
    from links as l
    union all
    select
        c.record_id,
        l.successor_id,
        c.steps + 1 as steps
    from chains as c
    inner join links as l on c.successor_id = l.record_id
)

select distinct on (c.record_id)
    c.record_id,
    c.successor_id as current_record_id
from chains as c
order by c.record_id asc, c.steps desc
