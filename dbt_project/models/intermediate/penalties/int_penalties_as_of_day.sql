-- Grain: one decision against one party that existed on valid_day, as known on known_day, with its case's events
-- and the standing of the party in the register on the day of the decision. A changed decision is taken away (order 45
-- art. 11) until a version is known that says something else than the one before the change: that is the changed
-- decision, which is due anew (arts 2, 9), whether it came before the news of the change or after.
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
    case
        when {{ is_found_wrong('e', 'p', ref('int_penalties_versioned')) }} then e.found_wrong_as
        when before.is_the_same and coalesce(e.changed_on < e.annulled_on, true) then 'decision_changed'
        else e.annulled_as
    end as ended_as,
    case
        when {{ is_found_wrong('e', 'p', ref('int_penalties_versioned')) }} then e.found_wrong_on
        when before.is_the_same and coalesce(e.changed_on < e.annulled_on, true) then e.changed_on
        else e.annulled_on
    end as ended_on,
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
left join lateral (
    -- the version that stood when the decision was changed; the first of all if none was known by then
    select
        jsonb_build_array(
            old.decided_on, old.violation_type, old.violation_fact, old.penalty_basis,
            old.penalty_kinds, old.penalty_content, old.fine_amount, old.confiscated_amount,
            old.license_revoked, old.procedure, old.restriction_until, old.valid_until
        ) = jsonb_build_array(
            p.decided_on, p.violation_type, p.violation_fact, p.penalty_basis,
            p.penalty_kinds, p.penalty_content, p.fine_amount, p.confiscated_amount,
            p.license_revoked, p.procedure, p.restriction_until, p.valid_until
        )
        and coalesce(old.document_sha256 = p.document_sha256, true) as is_the_same
    from {{ ref('int_penalties_versioned') }} as old
    where e.changed_on is not null and old.source_key = p.source_key and old.known_from <= p.known_from
    order by
        old.known_from < e.changed_on desc,
        case when old.known_from < e.changed_on then old.known_to end desc,
        old.known_from asc,
        old.delivery_id asc,
        old.row_no asc
    limit 1
) as before on true
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
