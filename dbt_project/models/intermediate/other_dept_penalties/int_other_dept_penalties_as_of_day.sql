-- Grain: one case of another department that was decided by valid_day, as known on known_day, with the day on which it
-- came in (暂行条例 art. 7: its clock), its case's events and the standing of the subject in the register on the day of
-- the decision. A revocation is known by the row's own day or by an event; an event names the department as a code.
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
    case
        when {{ is_found_wrong('e', 'p', ref('int_other_dept_penalties_versioned')) }} then e.found_wrong_as
        when e.ended_as is not null then e.ended_as
        when p.revoked_on <= d.valid_day then 'decision_revoked'
    end as ended_as,
    case
        when {{ is_found_wrong('e', 'p', ref('int_other_dept_penalties_versioned')) }} then e.found_wrong_on
        when e.ended_as is not null then e.ended_on
        when p.revoked_on <= d.valid_day then p.revoked_on
    end as ended_on,
    coalesce(e.is_stayed, false) as is_stayed,
    e.stay_ordered_on,
    e.secrecy_review_opened_on,
    coalesce(e.secrecy_review_is_open, false) as secrecy_review_is_open,
    e.secrecy_review_passed_on,
    {{ subject_status('p.uniscid', 'registered', 'named', 'p.pendecissdate') }} as subject_status
from {{ ref('int_other_dept_penalties_versioned') }} as p
inner join {{ ref('int_as_of_day') }} as d
    on p.known_from <= d.known_day and d.known_day < p.known_to and p.pendecissdate <= d.valid_day
left join {{ ref('int_case_events_as_of_day') }} as e on quality.clean_code(p.source_key) = e.event_source_key
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on p.uniscid = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on p.uniscid = named.uscc and named.comparable_name = {{ comparable_name('p.entname') }}
