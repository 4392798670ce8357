-- Grain: one case of another department that was decided by valid_day, as known on known_day, with the day on which it
-- came in (暂行条例 art. 7: its clock) and the standing of the subject in the register on the day of the decision.
select
    p.*,
    d.valid_day,
    d.known_day,
    least(
        p.received_on,
        (
            select min(v.known_from)
            from {{ ref('int_other_dept_penalties_versioned') }} as v
            where v.source_key = p.source_key and v.known_from <= d.known_day
        )
    ) as came_in_on,
    {{ subject_status('p.uniscid', 'registered', 'named', 'p.pendecissdate') }} as subject_status
from {{ ref('int_other_dept_penalties_versioned') }} as p
inner join {{ ref('int_as_of_day') }} as d
    on p.known_from <= d.known_day and d.known_day < p.known_to and p.pendecissdate <= d.valid_day
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on p.uniscid = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on p.uniscid = named.uscc and named.comparable_name = {{ comparable_name('p.entname') }}
