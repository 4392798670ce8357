-- Grain: day on which a new body of publicity rules begins, by channel and record type, as far as known on known_day.
select
    r.channel,
    r.record_type,
    r.valid_from as regime_from,
    min(r.scheme) as scheme
from {{ ref('publicity_regime') }} as r
cross join {{ ref('int_as_of_day') }} as d
where
    r.status = 'in_force'
    and r.known_from <= d.known_day and d.known_day < r.known_to
    and exists (
        select 1
        from {{ ref('publicity_regime') }} as before
        where
            before.channel = r.channel
            and before.record_type = r.record_type
            and before.scheme <> r.scheme
            and before.valid_from < r.valid_from
    )
group by r.channel, r.record_type, r.valid_from
