-- Grain: sample × responsible party × verdict rule: every pair, with the rule's version and the dispatch row of the day
-- of the report, and the sample's finality.
select
    p.*,
    r.rule_id,
    coalesce(rule_version.is_in_force, false) as rule_in_force,
    {{ is_dispatched('dispatched') }} as is_dispatched,
    {{ rule_changed_on('rule_version', 'dispatched') }} as rule_changed_on,
    dispatched.channel,
    dispatched.record_type,
    dispatched.clock_start as deadline_clock,
    dispatched.deadline_working_days,
    dispatched.review_class,
    {{ lacks_secrecy_review('p', 'dispatched') }} as lacks_secrecy_review,
    coalesce(f.all_served, false) as all_served,
    coalesce(f.has_windows, false) as has_windows,
    coalesce(f.objection_is_open, false) as objection_is_open,
    coalesce(f.is_final, false) as is_final,
    f.final_on,
    f.last_served_on,
    f.last_window_ends_on,
    f.objected_on as sample_objected_on
from {{ ref('int_spot_check_parties_as_of_day') }} as p
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'spot_check_party'
left join {{ ref('int_spot_checks_finalised') }} as f on p.source_key = f.source_key
left join {{ last_rule('verdict_rule', 'p.reported_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
left join
    {{ last_rule(
        'dispatch', 'p.reported_on',
        "rule_row.rule_id = r.rule_id and rule_row.fact = 'spot_check_' || p.product_domain"
    ) }} as dispatched on true
