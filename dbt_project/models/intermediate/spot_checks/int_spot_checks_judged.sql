-- Grain: sample × responsible party × verdict rule × day. FAIL: the final failure must be public for this party; HELD:
-- not yet, with the first reason by priority; NA_<reason>: never. Rules: seeds/rules.
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'spot_check_party' as subject_kind,
    p.party_source_key as source_key,
    p.rule_id,
    p.valid_day,
    p.known_day,
    case
        when not p.rule_in_force then 'NA_not_in_force'
        when p.conclusion = 'PASS' then 'NA_passed'
        when not p.is_dispatched then 'NA_not_dispatched'
        when p.ended_as is not null then 'NA_' || p.ended_as
        when p.retest_overturned_on >= coalesce(p.retest_confirmed_on, p.retest_overturned_on)
            then 'NA_retest_overturned'
        when hold.hold_reason is not null then 'HELD'
        else 'FAIL'
    end as verdict,
    case when p.conclusion <> 'PASS' then p.rule_changed_on end as rule_changed_on,
    hold.hold_reason,
    hold.stops_clock,
    hold.when_public,
    hold.owner as hold_owner,
    case hold.hold_reason
        when 'objection_pending' then p.sample_objected_on
        when 'objection_window_open' then p.last_served_on
        when 'stayed_by_court' then p.stay_ordered_on
        when 'producer_denied' then p.producer_denied_on
        when 'secrecy_review_open' then coalesce(p.secrecy_review_opened_on, p.reported_on)
        else p.reported_on
    end as held_since,
    case hold.hold_reason
        when 'objection_window_open' then p.last_window_ends_on + 1
        else {{ working_day_after('p.valid_day', 'hold.look_again_working_days') }}
    end as look_again_on,
    p.channel,
    p.record_type,
    disclosure.record_id(p.channel, p.record_type, p.party_source_key) as record_id,
    p.reported_on as fact_on,
    p.final_on as regime_picked_on,
    {{ subject_key('p.subject_uscc', 'p.party_source_key') }} as subject_key,
    p.subject_uscc as uscc,
    case p.role when 'producer' then p.producer_region_code else p.seller_region_code end as place_region_code,
    {{ region_of_code('p.subject_uscc') }} as registration_region_code,
    {{ region_of_code('p.authority_uscc') }} as authority_region_code,
    p.subject_name,
    p.subject_status,
    p.authority_name as handling_office,
    {{ working_day_after(
        "case p.deadline_clock when 'final_on' then greatest(p.final_on, p.producer_confirmed_on) end",
        'p.deadline_working_days'
    ) }} as due_on,
    {{ publicity_term('term') }},
    p.review_class = 'always' as review_required,
    null::text as document_sha256,
    coalesce(
        p.ended_as,
        case
            when p.retest_overturned_on >= coalesce(p.retest_confirmed_on, p.retest_overturned_on)
                then 'retest_overturned'
        end
    ) as ended_as,
    coalesce(p.ended_on, p.retest_overturned_on) as ended_on,
    p.repair_granted_on,
    p.early_stop_granted_on,
    null::date as duties_performed_on,
    null::text as violation_words,
    p.sample_no as related_check_no,
    p.delivery_id as source_delivery_id,
    p.row_no as source_row_no
from {{ ref('int_spot_checks_ruled') }} as p
left join
    {{ in_force(
        'publicity_regime', "case rule_row.selector when 'business_date' then p.valid_day else p.final_on end",
        "rule_row.channel = p.channel and rule_row.record_type = p.record_type"
    ) }} as term on true
left join {{ first_hold([
    ('stayed_by_court', "p.is_stayed"),
    ('service_not_proven', "not p.all_served"),
    ('subject_unresolved', "p.subject_status = 'unresolved'"),
    ('subject_name_mismatch', "p.subject_status = 'name_mismatch'"),
    ('producer_denied', "p.producer_denies"),
    ('objection_pending', "p.objection_is_open"),
    ('objection_window_open', "p.has_windows and not p.is_final"),
    ('no_term_in_force', "not p.has_windows or (p.is_final and term.regime_id is null)"),
    ('secrecy_review_open', "p.lacks_secrecy_review"),
], 'p.channel') }} as hold on true
