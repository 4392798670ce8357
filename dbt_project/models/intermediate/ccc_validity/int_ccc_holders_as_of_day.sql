-- Grain: validity-check sample reported by valid_day as known on known_day, with the holder of its certificate as the
-- responsible subject and the events of its case. A sample fails by its consistency or by its tests.
select
    c.*,
    d.valid_day,
    d.known_day,
    case
        when c.consistency = 'FAIL' or c.test_conclusion = 'FAIL' then 'FAIL'
        when c.consistency = 'PASS' and c.test_conclusion = 'PASS' then 'PASS'
    end as conclusion,
    e.served_on,
    e.objection_withdrawn_on,
    greatest(e.retest_confirmed_on, e.objection_rejected_on) as decided_against_on,
    case
        when {{ is_found_wrong('e', 'c', ref('int_ccc_checks_versioned')) }} then e.found_wrong_as
        when e.ended_as is not null then e.ended_as
        when e.retest_overturned_on >= coalesce(e.retest_confirmed_on, e.retest_overturned_on) then 'retest_overturned'
    end as ended_as,
    case
        when {{ is_found_wrong('e', 'c', ref('int_ccc_checks_versioned')) }} then e.found_wrong_on
        when e.ended_as is not null then e.ended_on
        when e.retest_overturned_on >= coalesce(e.retest_confirmed_on, e.retest_overturned_on)
            then e.retest_overturned_on
    end as ended_on,
    coalesce(e.is_stayed, false) as is_stayed,
    e.stay_ordered_on,
    case when not e.is_stayed then e.stay_lifted_on end as stay_lifted_on,
    e.secrecy_review_opened_on,
    coalesce(e.secrecy_review_is_open, false) as secrecy_review_is_open,
    e.secrecy_review_passed_on,
    {{ subject_status('c.holder_uscc', 'registered', 'named', 'c.reported_on') }} as subject_status
from {{ ref('int_ccc_checks_versioned') }} as c
inner join {{ ref('int_as_of_day') }} as d
    on c.known_from <= d.known_day and d.known_day < c.known_to and c.reported_on <= d.valid_day
left join {{ ref('int_case_events_as_of_day') }} as e on c.source_key = e.event_source_key
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on c.holder_uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on c.holder_uscc = named.uscc and named.comparable_name = {{ comparable_name('c.holder_name') }}
