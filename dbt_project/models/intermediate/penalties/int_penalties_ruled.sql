-- Grain: penalty × verdict rule: every pair, with the rule's version, the dispatch row and what the rules of the day of
-- the decision keep from the channel. One decision has an obligation of its own on each channel.
select
    p.*,
    r.rule_id,
    coalesce(rule_version.is_in_force, false) as rule_in_force,
    {{ is_dispatched('dispatched') }} as is_dispatched,
    {{ rule_changed_on('rule_version', 'dispatched', 'excluded.known_from') }} as rule_changed_on,
    dispatched.channel,
    dispatched.record_type,
    dispatched.clock_start as deadline_clock,
    dispatched.deadline_working_days,
    dispatched.review_class,
    {{ lacks_secrecy_review('p', 'dispatched') }} as lacks_secrecy_review,
    excluded.reason as excluded_as
from {{ ref('int_penalties_as_of_day') }} as p
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'penalty'
left join {{ last_rule('verdict_rule', 'p.decided_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
left join
    {{ last_rule(
        'dispatch', 'p.decided_on',
        "rule_row.rule_id = r.rule_id and rule_row.fact = 'penalty' and rule_row.party_place in ('any', p.party_place)"
    ) }} as dispatched on true
left join lateral (
    select
        rule_row.reason,
        rule_row.known_from
    from {{ in_force_each(
        'publication_exclusion', 'p.decided_on',
        "rule_row.channel = dispatched.channel and rule_row.record_type = dispatched.record_type"
    ) }} as rule_row
    where
        coalesce(rule_row.procedure, '') in ('', p.procedure)
        and (
            coalesce(rule_row.kinds_within, '') = '' or p.kinds <@ to_jsonb(string_to_array(rule_row.kinds_within, ';'))
        )
        and (not rule_row.minors_only or not p.party_is_of_age)
    order by rule_row.minors_only desc, rule_row.rule_id asc
    limit 1
) as excluded on true
