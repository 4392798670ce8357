-- Grain: validity-check sample × holder × verdict rule × day. FAIL: the final failure must be public for the holder;
-- HELD: not yet, with the first reason by priority; NA_<reason>: never. Rules: seeds/rules.
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'ccc_holder' as subject_kind,
    h.source_key,
    r.rule_id,
    h.valid_day,
    h.known_day,
    case
        when not coalesce(rule_version.is_in_force, false) then 'NA_not_in_force'
        when h.conclusion is null then 'NA_conclusion_unknown'
        when h.conclusion = 'PASS' then 'NA_passed'
        when not {{ is_dispatched('dispatched') }} then 'NA_not_dispatched'
        when h.ended_as is not null then 'NA_' || h.ended_as
        when hold.hold_reason is not null then 'HELD'
        else 'FAIL'
    end as verdict,
    case when h.conclusion <> 'PASS' then {{ rule_changed_on('rule_version', 'dispatched') }} end as rule_changed_on,
    hold.hold_reason,
    hold.stops_clock,
    hold.when_public,
    hold.owner as hold_owner,
    case hold.hold_reason
        when 'objection_pending' then f.objected_on
        when 'objection_window_open' then f.served_on
        when 'stayed_by_court' then h.stay_ordered_on
        when 'secrecy_review_open' then coalesce(h.secrecy_review_opened_on, h.reported_on)
        else h.reported_on
    end as held_since,
    case hold.hold_reason
        when 'objection_window_open' then f.window_ends_on + 1
        else {{ working_day_after('h.valid_day', 'hold.look_again_working_days') }}
    end as look_again_on,
    dispatched.channel,
    dispatched.record_type,
    disclosure.record_id(dispatched.channel, dispatched.record_type, h.source_key) as record_id,
    h.reported_on as fact_on,
    f.final_on as regime_picked_on,
    {{ subject_key('h.holder_uscc', 'h.source_key') }} as subject_key,
    h.holder_uscc as uscc,
    null::text as place_region_code,
    {{ region_of_code('h.holder_uscc') }} as registration_region_code,
    null::text as authority_region_code,
    h.holder_name as subject_name,
    h.subject_status,
    coalesce(h.body_name, 'certification_office') as handling_office,
    {{ due_after_stay(
        "case dispatched.clock_start when 'final_on' then f.final_on end", 'dispatched.deadline_working_days', 'h'
    ) }} as due_on,
    {{ publicity_term('term') }},
    dispatched.review_class = 'always' as review_required,
    null::text as document_sha256,
    h.ended_as,
    h.ended_on,
    null::date as repair_granted_on,
    null::date as early_stop_granted_on,
    null::date as duties_performed_on,
    null::text as violation_words,
    h.sample_no as related_check_no,
    h.delivery_id as source_delivery_id,
    h.row_no as source_row_no
from {{ ref('int_ccc_holders_as_of_day') }} as h
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'ccc_holder'
left join {{ ref('int_ccc_holders_finalised') }} as f on h.source_key = f.source_key
left join {{ last_rule('verdict_rule', 'h.reported_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
left join
    {{ last_rule(
        'dispatch', 'h.reported_on', "rule_row.rule_id = r.rule_id and rule_row.fact = 'ccc_validity'"
    ) }} as dispatched on true
left join
    {{ in_force(
        'publicity_regime', "case rule_row.selector when 'business_date' then h.valid_day else f.final_on end",
        "rule_row.channel = dispatched.channel and rule_row.record_type = dispatched.record_type"
    ) }} as term on true
left join {{ first_hold([
    ('stayed_by_court', "h.is_stayed"),
    ('service_not_proven', "f.served_on is null and f.confirmed_on is null"),
    ('subject_unresolved', "h.subject_status = 'unresolved'"),
    ('subject_name_mismatch', "h.subject_status = 'name_mismatch'"),
    ('objection_pending', "f.objection_is_open"),
    ('objection_window_open', "f.window_ends_on is not null and not f.is_final"),
    ('no_term_in_force', "not f.is_final and f.window_ends_on is null or f.is_final and term.regime_id is null"),
    ('secrecy_review_open', lacks_secrecy_review('h', 'dispatched')),
], 'dispatched.channel') }} as hold on true
