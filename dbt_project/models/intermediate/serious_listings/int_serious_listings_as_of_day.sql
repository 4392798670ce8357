-- Grain: one listing of one party that existed on valid_day, as known on known_day, with its case's events and the
-- standing of the party in the register on the day of the listing. A candidate has no such day and is carried along.
-- Service and notice are proven by the register's own column or by an event, whichever came first.
select
    s.*,
    d.valid_day,
    d.known_day,
    least(e.served_on, case when s.served_on <= d.valid_day then s.served_on end) as service_proven_on,
    least(
        e.notice_served_on,
        case when s.publicity_notice_served_on <= d.valid_day then s.publicity_notice_served_on end
    ) as notice_proven_on,
    coalesce(e.ended_as, case when s.removed_on <= d.valid_day then 'listing_removed' end) as ended_as,
    coalesce(e.ended_on, case when s.removed_on <= d.valid_day then s.removed_on end) as ended_on,
    coalesce(e.is_stayed, false) as is_stayed,
    e.stay_ordered_on,
    {{ subject_status('s.party_uscc', 'registered', 'named', 's.listed_on', "s.party_kind = '自然人'") }}
        as subject_status
from {{ ref('int_serious_listings_versioned') }} as s
inner join {{ ref('int_as_of_day') }} as d
    on
        s.known_from <= d.known_day and d.known_day < s.known_to
        and coalesce(s.listed_on <= d.valid_day, true)
left join {{ ref('int_case_events_as_of_day') }} as e on s.source_key = e.event_source_key
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on s.party_uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on s.party_uscc = named.uscc and named.comparable_name = {{ comparable_name('s.party_name') }}
