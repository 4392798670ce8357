-- Grain: one name of one enterprise, current or former, as far as the register was known on known_day.
select
    e.uscc,
    e.comparable_name,
    min(e.valid_from) as valid_from
from {{ ref('int_enterprises_versioned') }} as e
cross join {{ ref('int_as_of_day') }} as d
where
    e.known_from <= d.known_day
    and d.known_day < e.known_to
group by e.uscc, e.comparable_name
