-- Grain: validity-check sample × holder of its certificate, the responsible subject, for samples reported by valid_day
-- as known on known_day, with the events of the holder's case. A sample fails by its consistency or by its tests.
select
    c.*,
    d.valid_day,
    d.known_day,
    c.source_key || '|holder' as holder_source_key,
    case
        when c.consistency = 'FAIL' or c.test_conclusion = 'FAIL' then 'FAIL'
        when c.consistency = 'PASS' and c.test_conclusion = 'PASS' then 'PASS'
    end as conclusion,
    e.served_on,
    e.objected_on,
    e.objection_withdrawn_on,
    e.retest_confirmed_on,
    e.retest_overturned_on,
    {{ subject_status('c.holder_uscc', 'registered', 'named', 'c.reported_on') }} as subject_status
from {{ ref('int_ccc_checks_versioned') }} as c
inner join {{ ref('int_as_of_day') }} as d
    on c.known_from <= d.known_day and d.known_day < c.known_to and c.reported_on <= d.valid_day
left join {{ ref('int_case_events_as_of_day') }} as e on e.event_source_key = c.source_key || '|holder'
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on c.holder_uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on c.holder_uscc = named.uscc and named.comparable_name = {{ comparable_name('c.holder_name') }}
