-- Grain: one listing of one party that existed on valid_day, as known on known_day, with its case's events and the
-- standing of the party in the register on the day of the listing. A candidate has no such day and is carried along.
-- Service and notice are proven by the register's own column or by an event, whichever came first. A removal that
-- revokes the listing (撤销列入) takes it away as the event of a revocation does.
select
    s.*,
    d.valid_day,
    d.known_day,
    least(e.served_on, case when s.served_on <= d.valid_day then s.served_on end) as service_proven_on,
    least(
        e.notice_served_on,
        case when s.publicity_notice_served_on <= d.valid_day then s.publicity_notice_served_on end
    ) as notice_proven_on,
    case
        when {{ is_found_wrong('e', 's', ref('int_serious_listings_versioned')) }} then e.found_wrong_as
        when e.ended_as is not null then e.ended_as
        when s.removed_on <= d.valid_day and s.removal_reason = '撤销列入' then 'decision_revoked'
        when s.removed_on <= d.valid_day then 'listing_removed'
    end as ended_as,
    case
        when {{ is_found_wrong('e', 's', ref('int_serious_listings_versioned')) }} then e.found_wrong_on
        when e.ended_as is not null then e.ended_on
        when s.removed_on <= d.valid_day then s.removed_on
    end as ended_on,
    coalesce(e.is_stayed, false) as is_stayed,
    e.stay_ordered_on,
    case when not e.is_stayed then e.stay_lifted_on end as stay_lifted_on,
    e.secrecy_review_opened_on,
    coalesce(e.secrecy_review_is_open, false) as secrecy_review_is_open,
    e.secrecy_review_passed_on,
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
