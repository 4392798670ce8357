-- Grain: one hold reason in force on valid_day, as known on known_day; a repealed row takes the earlier ones out.
with latest as (
    select distinct on (h.hold_reason)
        h.*
    from {{ ref('hold_reason') }} as h
    cross join {{ ref('int_as_of_day') }} as d
    where
        h.status <> 'draft'
        and h.known_from <= d.known_day and d.known_day < h.known_to
        and h.valid_from <= d.valid_day and d.valid_day < h.valid_to
    order by h.hold_reason asc, h.known_from desc
)

select
    l.hold_reason,
    l.priority,
    l.stops_clock,
    l.channels,
    l.when_public,
    l.owner,
    l.look_again_working_days
from latest as l
where l.status = 'in_force'
