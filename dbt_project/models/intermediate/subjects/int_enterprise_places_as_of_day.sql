-- Grain: one period of one enterprise with the division of its registration, as far as known on known_day.
select
    e.uscc,
    e.valid_from,
    e.region_code
from {{ ref('int_enterprises_versioned') }} as e
cross join {{ ref('int_as_of_day') }} as d
where
    e.known_from <= d.known_day
    and d.known_day < e.known_to
