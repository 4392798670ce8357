-- Grain: case of another department × verdict rule: every pair, with the rule's version and the dispatch row of the day
-- of the decision.
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
    {{ lacks_secrecy_review('p', 'dispatched') }} as lacks_secrecy_review
from {{ ref('int_other_dept_penalties_as_of_day') }} as p
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'other_dept_penalty'
left join {{ last_rule('verdict_rule', 'p.pendecissdate', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
left join
    {{ last_rule(
        'dispatch', 'p.pendecissdate', "rule_row.rule_id = r.rule_id and rule_row.fact = 'other_dept_penalty'"
    ) }} as dispatched on true
