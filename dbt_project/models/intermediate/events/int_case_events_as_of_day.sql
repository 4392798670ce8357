-- Grain: one case (a fact's own key) with the events that had happened by valid_day and were known on known_day.
-- Of several events of one type the last counts, except service, publicity notice and revocation: the first.
select
    e.event_source_key,
    min(e.event_on) filter (where e.event_type = 'service') as served_on,
    min(e.event_on) filter (where e.event_type = 'publicity_notice_served') as notice_served_on,
    min(e.event_on) filter (where e.event_type = 'decision_revoked') as revoked_on,
    max(e.event_on) filter (where e.event_type = 'objection') as objected_on,
    max(e.event_on) filter (where e.event_type = 'objection_withdrawn') as objection_withdrawn_on,
    max(e.event_on) filter (where e.event_type = 'retest_confirmed') as retest_confirmed_on,
    max(e.event_on) filter (where e.event_type = 'retest_overturned') as retest_overturned_on
from {{ ref('int_case_events_versioned') }} as e
cross join {{ ref('int_as_of_day') }} as d
where
    e.known_from <= d.known_day
    and d.known_day < e.known_to
    and e.event_on <= d.valid_day
group by e.event_source_key
