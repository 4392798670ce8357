-- Grain: one decision against one party that existed on valid_day, as known on known_day, with its case's events
-- and the standing of the party in the register on the day of the decision.
select
    p.*,
    d.valid_day,
    d.known_day,
    to_jsonb(regexp_split_to_array(trim(p.penalty_kinds, ' ;；'), '\s*[;；]\s*')) as kinds,
    e.served_on as service_proven_on,
    least(
        e.notice_served_on,
        case when p.publicity_notice_served_on <= d.valid_day then p.publicity_notice_served_on end
    ) as notice_proven_on,
    case when {{ is_found_wrong('e', 'p', ref('int_penalties_versioned')) }} then e.found_wrong_as else e.ended_as end
        as ended_as,
    case when {{ is_found_wrong('e', 'p', ref('int_penalties_versioned')) }} then e.found_wrong_on else e.ended_on end
        as ended_on,
    e.repair_granted_on,
    e.early_stop_granted_on,
    e.stay_ordered_on,
    case when not e.is_stayed then e.stay_lifted_on end as stay_lifted_on,
    e.secrecy_review_opened_on,
    coalesce(e.is_stayed, false) as is_stayed,
    coalesce(e.secrecy_review_is_open, false) as secrecy_review_is_open,
    e.secrecy_review_passed_on,
    case when p.performed_on <= d.valid_day then p.performed_on end as duties_performed_on,
    case
        when left(place.region_code, 2) <> substr(p.authority_uscc, 3, 2) then 'other_province'
        else 'own_province'
    end as party_place,
    {{ subject_status('p.party_uscc', 'registered', 'named', 'p.decided_on', "p.party_kind = '自然人'") }}
        as subject_status
from {{ ref('int_penalties_versioned') }} as p
inner join {{ ref('int_as_of_day') }} as d
    on p.known_from <= d.known_day and d.known_day < p.known_to and p.decided_on <= d.valid_day
left join {{ ref('int_case_events_as_of_day') }} as e on p.source_key = e.event_source_key
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on p.party_uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on p.party_uscc = named.uscc and named.comparable_name = {{ comparable_name('p.party_name') }}
left join lateral (
    select r.region_code
    from {{ ref('int_enterprise_places_as_of_day') }} as r
    where r.uscc = p.party_uscc and r.valid_from <= p.decided_on
    order by r.valid_from desc
    limit 1
) as place on true
