-- Grain: one case × day of an objection that had been raised by valid_day and was known on known_day. Every one of
-- them, because which ones are in time is for the window to say: a late one must not hide an earlier one.
select distinct
    e.event_source_key,
    e.event_on as objected_on
from {{ ref('int_case_events_versioned') }} as e
cross join {{ ref('int_as_of_day') }} as d
where
    e.event_type = 'objection'
    and e.known_from <= d.known_day
    and d.known_day < e.known_to
    and e.event_on <= d.valid_day
