-- Grain: case of another department × verdict rule × day. FAIL: must be public; HELD: not yet, with the first reason by
-- priority; NA_<reason>: not, among them what the department revoked. Rules: seeds/rules.
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'other_dept_penalty' as subject_kind,
    p.source_key,
    p.rule_id,
    p.valid_day,
    p.known_day,
    case
        when not p.rule_in_force then 'NA_not_in_force'
        when not p.is_dispatched then 'NA_not_dispatched'
        when p.ended_as is not null then 'NA_' || p.ended_as
        when hold.hold_reason is not null then 'HELD'
        else 'FAIL'
    end as verdict,
    p.rule_changed_on,
    hold.hold_reason,
    hold.stops_clock,
    hold.when_public,
    hold.owner as hold_owner,
    case hold.hold_reason
        when 'stayed_by_court' then p.stay_ordered_on
        when 'secrecy_review_open' then coalesce(p.secrecy_review_opened_on, p.came_in_on)
        else p.came_in_on
    end as held_since,
    {{ working_day_after('p.valid_day', 'hold.look_again_working_days') }} as look_again_on,
    p.channel,
    p.record_type,
    disclosure.record_id(p.channel, p.record_type, p.source_key) as record_id,
    p.pendecissdate as fact_on,
    p.pendecissdate as regime_picked_on,
    {{ subject_key('p.uniscid', 'p.source_key') }} as subject_key,
    p.uniscid as uscc,
    null::text as place_region_code,
    {{ region_of_code('p.uniscid') }} as registration_region_code,
    null::text as authority_region_code,
    p.entname as subject_name,
    p.subject_status,
    p.datadept as handling_office,
    {{ working_day_after("case p.deadline_clock when 'received_on' then p.came_in_on end", 'p.deadline_working_days') }}
        as due_on,
    term.regime_id,
    term.scheme,
    term.regime_selector,
    term.regime_valid_from,
    term.clock_start,
    term.min_months,
    term.publicity_months,
    term.stops_itself,
    false as stops_related,
    null::date as restricted_until,
    false as is_severe,
    p.review_class = 'always' as review_required,
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
from {{ ref('int_other_dept_penalties_ruled') }} as p
left join {{ ref('int_other_dept_penalties_termed') }} as term
    on p.source_key = term.source_key and p.rule_id = term.rule_id
left join {{ first_hold([
    ('stayed_by_court', "p.is_stayed"),
    ('subject_unresolved', "p.subject_status = 'unresolved'"),
    ('subject_name_mismatch', "p.subject_status = 'name_mismatch'"),
    ('no_term_in_force', "term.regime_id is null"),
    ('secrecy_review_open', "p.lacks_secrecy_review"),
], 'p.channel') }} as hold on true
