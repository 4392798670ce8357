-- Grain: record × day on which new publicity rules began, if the public saw it on the day before: the newest version
-- taken by then is no withdrawal, no stop and no stay (as disclosure.public_on), as known on known_day. Of rules that
-- begin later still it is what the public sees on known_day.
with taken as (
    select distinct on (c.regime_from, r.record_id)
        c.regime_from,
        r.record_id,
        r.op
    from {{ ref('int_regime_changes') }} as c
    cross join {{ ref('int_as_of_day') }} as d
    inner join {{ ref('stg_platform__records') }} as r on c.channel = r.channel and c.record_type = r.record_type
    inner join {{ ref('stg_platform__receipts') }} as t on r.record_id = t.record_id and r.version = t.version
    where t.verdict in ('accepted', 'duplicate') and t.business_day <= least(d.known_day, c.regime_from - 1)
    order by c.regime_from asc, r.record_id asc, r.version desc
)

select
    t.regime_from,
    t.record_id
from taken as t
where t.op in ('UPSERT', 'CORRECT', 'RESUME')
