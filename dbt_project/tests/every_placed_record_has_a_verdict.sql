-- Nothing is due, held or ended without a verdict of the same day.
with places as (
    select record_id, valid_day, known_day from {{ ref('disclosure_due') }}
    union all
    select record_id, valid_day, known_day from {{ ref('disclosure_held') }}
    union all
    select record_id, valid_day, known_day from {{ ref('disclosure_ended') }}
)

select p.*
from places as p
left join {{ ref('int_daily_verdicts') }} as v
    on p.record_id = v.record_id and p.valid_day = v.valid_day and p.known_day = v.known_day
where v.record_id is null
