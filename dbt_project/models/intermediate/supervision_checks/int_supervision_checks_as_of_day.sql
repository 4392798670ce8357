-- Grain: one supervision check reported by valid_day as known on known_day, with its case's events and the standing of
-- the checked unit in the register on the day of the check.
select
    s.*,
    d.valid_day,
    d.known_day,
    case
        when {{ is_found_wrong('e', 's', ref('int_supervision_checks_versioned')) }} then e.found_wrong_as
        else e.ended_as
    end as ended_as,
    case
        when {{ is_found_wrong('e', 's', ref('int_supervision_checks_versioned')) }} then e.found_wrong_on
        else e.ended_on
    end as ended_on,
    coalesce(e.is_stayed, false) as is_stayed,
    e.stay_ordered_on,
    case when not e.is_stayed then e.stay_lifted_on end as stay_lifted_on,
    e.secrecy_review_opened_on,
    coalesce(e.secrecy_review_is_open, false) as secrecy_review_is_open,
    e.secrecy_review_passed_on,
    {{ subject_status('s.party_uscc', 'registered', 'named', 's.checked_on') }} as subject_status
from {{ ref('int_supervision_checks_versioned') }} as s
inner join {{ ref('int_as_of_day') }} as d
    on s.known_from <= d.known_day and d.known_day < s.known_to and s.reported_on <= d.valid_day
left join {{ ref('int_case_events_as_of_day') }} as e on s.source_key = e.event_source_key
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on s.party_uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on s.party_uscc = named.uscc and named.comparable_name = {{ comparable_name('s.party_name') }}
