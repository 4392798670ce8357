-- Grain: sample × responsible party (producer, seller), for samples reported by valid_day as known on known_day.
-- A sample that names neither party keeps one line, so that it is held and not lost. An event counts at whichever key
-- it was filed: what was filed for the sample counts for its parties, and a retest or a denial of the goods filed for
-- one party is a fact of the sample, which has one conclusion and one producer (domain 11 A10).
with events as (
    select * from {{ ref('int_case_events_as_of_day') }}
)

select
    s.*,
    d.valid_day,
    d.known_day,
    party.role,
    s.source_key || '|' || party.role as party_source_key,
    party.name as subject_name,
    party.uscc as subject_uscc,
    of_party.served_on,
    greatest(of_party.objection_withdrawn_on, of_sample.objection_withdrawn_on) as objection_withdrawn_on,
    greatest(of_party.objection_rejected_on, of_sample.objection_rejected_on) as objection_rejected_on,
    greatest(of_party.retest_confirmed_on, of_other.retest_confirmed_on, of_sample.retest_confirmed_on)
        as retest_confirmed_on,
    greatest(of_party.retest_overturned_on, of_other.retest_overturned_on, of_sample.retest_overturned_on)
        as retest_overturned_on,
    greatest(of_party.recheck_passed_on, of_sample.recheck_passed_on) as recheck_passed_on,
    case
        when {{ is_found_wrong('of_party', 's', ref('int_spot_checks_versioned')) }} then of_party.found_wrong_as
        when {{ is_found_wrong('of_sample', 's', ref('int_spot_checks_versioned')) }} then of_sample.found_wrong_as
        else coalesce(of_party.ended_as, of_sample.ended_as)
    end as ended_as,
    case
        when {{ is_found_wrong('of_party', 's', ref('int_spot_checks_versioned')) }} then of_party.found_wrong_on
        when {{ is_found_wrong('of_sample', 's', ref('int_spot_checks_versioned')) }} then of_sample.found_wrong_on
        else coalesce(of_party.ended_on, of_sample.ended_on)
    end as ended_on,
    of_party.repair_granted_on,
    of_party.early_stop_granted_on,
    greatest(of_party.stay_ordered_on, of_sample.stay_ordered_on) as stay_ordered_on,
    greatest(of_party.secrecy_review_opened_on, of_sample.secrecy_review_opened_on) as secrecy_review_opened_on,
    coalesce(of_party.is_stayed, false) or coalesce(of_sample.is_stayed, false) as is_stayed,
    coalesce(of_party.secrecy_review_is_open, false) or coalesce(of_sample.secrecy_review_is_open, false)
        as secrecy_review_is_open,
    greatest(of_party.secrecy_review_passed_on, of_sample.secrecy_review_passed_on) as secrecy_review_passed_on,
    goods.denied_on as producer_denied_on,
    case when party.role = 'producer' then goods.confirmed_on end as producer_confirmed_on,
    party.role = 'producer' and goods.are_denied as producer_denies,
    case
        when party.role = 'producer' then s.producer_name
        when goods.are_denied then null
        when {{ is_found_wrong('of_other', 's', ref('int_spot_checks_versioned')) }} then null
        else s.producer_name
    end as public_producer_name,
    {{ subject_status('party.uscc', 'registered', 'named', 's.reported_on') }} as subject_status
from {{ ref('int_spot_checks_versioned') }} as s
inner join {{ ref('int_as_of_day') }} as d
    on s.known_from <= d.known_day and d.known_day < s.known_to and s.reported_on <= d.valid_day
cross join
    lateral (
        values
        (
            'producer', 'seller', s.producer_name, s.producer_uscc,
            s.producer_name is not null or s.producer_uscc is not null or coalesce(s.seller_name, s.seller_uscc) is null
        ),
        ('seller', 'producer', s.seller_name, s.seller_uscc, s.seller_name is not null or s.seller_uscc is not null)
    ) as party (role, other_role, name, uscc, is_known)
left join events as of_party on of_party.event_source_key = s.source_key || '|' || party.role
left join events as of_other on of_other.event_source_key = s.source_key || '|' || party.other_role
left join events as of_sample on s.source_key = of_sample.event_source_key
cross join
    lateral (
        select
            filed.denied_on,
            filed.confirmed_on,
            coalesce(filed.denied_on > filed.confirmed_on, filed.denied_on is not null) as are_denied
        from (
            values
            (
                greatest(of_party.producer_denied_on, of_other.producer_denied_on, of_sample.producer_denied_on),
                greatest(
                    of_party.producer_confirmed_on, of_other.producer_confirmed_on, of_sample.producer_confirmed_on
                )
            )
        ) as filed (denied_on, confirmed_on)
    ) as goods
left join {{ ref('int_registered_enterprises_as_of_day') }} as registered on party.uscc = registered.uscc
left join {{ ref('int_enterprise_names_as_of_day') }} as named
    on party.uscc = named.uscc and named.comparable_name = {{ comparable_name('party.name') }}
where party.is_known
