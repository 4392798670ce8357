-- Grain: one hold reason in force on valid_day, as known on known_day.
select distinct on (h.hold_reason)
    h.hold_reason,
    h.priority,
    h.stops_clock,
    h.channels,
    h.when_public,
    h.owner,
    h.look_again_working_days
from {{ ref('hold_reason') }} as h
cross join {{ ref('int_as_of_day') }} as d
where
    h.status = 'in_force'
    and h.known_from <= d.known_day and d.known_day < h.known_to
    and h.valid_from <= d.valid_day and d.valid_day < h.valid_to
order by h.hold_reason asc, h.known_from desc
