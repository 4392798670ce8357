-- Grain: listing × verdict rule × day. FAIL: must be public; HELD: not yet, with the first reason by priority;
-- NA_<reason>: not, among them a candidate (never, A18), and what was removed from the list, from that same day on.
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'serious_listing' as subject_kind,
    p.source_key,
    r.rule_id,
    p.valid_day,
    p.known_day,
    case
        when p.stage = 'CANDIDATE' then 'NA_candidate'
        when not coalesce(rule_version.is_in_force, false) then 'NA_not_in_force'
        when not {{ is_dispatched('dispatched') }} then 'NA_not_dispatched'
        when p.ended_as is not null then 'NA_' || p.ended_as
        when hold.hold_reason is not null then 'HELD'
        else 'FAIL'
    end as verdict,
    case when p.stage <> 'CANDIDATE' then {{ rule_changed_on('rule_version', 'dispatched') }} end as rule_changed_on,
    hold.hold_reason,
    hold.stops_clock,
    hold.when_public,
    hold.owner as hold_owner,
    case hold.hold_reason
        when 'stayed_by_court' then p.stay_ordered_on
        when 'secrecy_review_open' then coalesce(p.secrecy_review_opened_on, p.listed_on)
        else p.listed_on
    end as held_since,
    {{ working_day_after('p.valid_day', 'hold.look_again_working_days') }} as look_again_on,
    dispatched.channel,
    dispatched.record_type,
    disclosure.record_id(dispatched.channel, dispatched.record_type, p.source_key) as record_id,
    p.listed_on as fact_on,
    p.listed_on as regime_picked_on,
    {{ subject_key('p.party_uscc', 'p.source_key') }} as subject_key,
    p.party_uscc as uscc,
    p.party_region_code as place_region_code,
    {{ region_of_code('p.party_uscc') }} as registration_region_code,
    {{ region_of_code('p.authority_uscc') }} as authority_region_code,
    p.party_name as subject_name,
    p.subject_status,
    coalesce(p.handling_office, p.authority_name) as handling_office,
    {{ due_after_stay(
        "case dispatched.clock_start when 'decided_on' then p.listed_on end", 'dispatched.deadline_working_days', 'p'
    ) }} as due_on,
    {{ publicity_term('term') }},
    dispatched.review_class = 'always' as review_required,
    null::text as document_sha256,
    p.ended_as,
    p.ended_on,
    null::date as repair_granted_on,
    null::date as early_stop_granted_on,
    null::date as duties_performed_on,
    null::text as violation_words,
    null::text as related_check_no,
    p.delivery_id as source_delivery_id,
    p.row_no as source_row_no
from {{ ref('int_serious_listings_as_of_day') }} as p
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'serious_listing'
left join {{ last_rule('verdict_rule', 'p.listed_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
left join
    {{ last_rule(
        'dispatch', 'p.listed_on', "rule_row.rule_id = r.rule_id and rule_row.fact = 'serious_listing'"
    ) }} as dispatched on true
left join
    {{ in_force(
        'publicity_regime', "case rule_row.selector when 'business_date' then p.valid_day else p.listed_on end",
        "rule_row.channel = dispatched.channel and rule_row.record_type = dispatched.record_type"
    ) }} as term on true
left join {{ first_hold([
    ('stayed_by_court', "p.is_stayed"),
    ('service_not_proven', "p.service_proven_on is null"),
    ('publicity_notice_missing', "p.notice_proven_on is null"),
    ('subject_unresolved', "p.subject_status = 'unresolved'"),
    ('subject_name_mismatch', "p.subject_status = 'name_mismatch'"),
    ('no_term_in_force', "term.regime_id is null"),
    ('secrecy_review_open', lacks_secrecy_review('p', 'dispatched')),
], 'dispatched.channel') }} as hold on true
