-- Grain: penalty × verdict rule × day. FAIL: must be public; HELD: not yet, with the first reason by priority;
-- NA_<reason>: the rules do not publish it, or what was published has fallen. Rules: seeds/rules (verdict_rule,
-- dispatch, publication_exclusion, hold_reason).
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'penalty' as subject_kind,
    p.source_key,
    p.rule_id,
    p.valid_day,
    p.known_day,
    case
        when not p.rule_in_force then 'NA_not_in_force'
        when not p.is_dispatched then 'NA_not_dispatched'
        when p.excluded_as is not null then 'NA_' || p.excluded_as
        when coalesce(p.procedure, '') not in ('普通程序', '简易程序') then 'NA_unknown_procedure'
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
        when 'secrecy_review_open' then coalesce(p.secrecy_review_opened_on, p.decided_on)
        else p.decided_on
    end as held_since,
    {{ working_day_after('p.valid_day', 'hold.look_again_working_days') }} as look_again_on,
    p.channel,
    p.record_type,
    disclosure.record_id(p.channel, p.record_type, p.source_key) as record_id,
    p.decided_on as fact_on,
    p.decided_on as regime_picked_on,
    {{ subject_key('p.party_uscc', 'p.source_key') }} as subject_key,
    p.party_uscc as uscc,
    p.party_region_code as place_region_code,
    {{ region_of_code('p.party_uscc') }} as registration_region_code,
    {{ region_of_code('p.authority_uscc') }} as authority_region_code,
    p.party_name as subject_name,
    p.subject_status,
    coalesce(p.handling_office, p.authority_name) as handling_office,
    {{ due_after_stay(
        "case p.deadline_clock when 'decided_on' then p.decided_on end", 'p.deadline_working_days', 'p'
    ) }} as due_on,
    term.regime_id,
    term.scheme,
    term.selector as regime_selector,
    term.valid_from as regime_valid_from,
    term.clock_start,
    term.min_months,
    term.publicity_months,
    term.auto_stop and (not term.needs_performance or p.duties_performed_on is not null) as stops_itself,
    term.stops_related,
    term.restricted_until,
    coalesce(term.is_severe, false) as is_severe,
    p.review_class = 'always' or (p.review_class = 'severe_penalty' and coalesce(term.is_severe, false))
        as review_required,
    p.document_sha256,
    p.ended_as,
    p.ended_on,
    p.repair_granted_on,
    p.early_stop_granted_on,
    p.duties_performed_on,
    concat_ws(' ', p.violation_type, p.penalty_basis) as violation_words,
    p.related_check_no,
    p.delivery_id as source_delivery_id,
    p.row_no as source_row_no
from {{ ref('int_penalties_ruled') }} as p
left join {{ ref('int_penalties_termed') }} as term on p.source_key = term.source_key and p.rule_id = term.rule_id
left join {{ first_hold([
    ('stayed_by_court', "p.is_stayed"),
    ('service_not_proven', "p.service_proven_on is null"),
    ('publicity_notice_missing', "p.notice_proven_on is null"),
    ('document_missing', "p.document_sha256 is null"),
    ('subject_unresolved', "p.subject_status = 'unresolved'"),
    ('subject_name_mismatch', "p.subject_status = 'name_mismatch'"),
    ('no_term_in_force', "term.regime_id is null"),
    ('secrecy_review_open', "p.lacks_secrecy_review"),
], 'p.channel') }} as hold on true
