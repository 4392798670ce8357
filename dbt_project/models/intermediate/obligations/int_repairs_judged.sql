-- Grain: obligation for which an early stop or a repair was granted (repair_rule): it takes effect when the minimum
-- time is over on the day of the grant, the duties are performed and the kind is not excluded; else `refused_as` says
-- why the grant is not followed, and the record goes to the work list. What a person granted is never guessed around.
with grants as (
    select
        o.record_id,
        o.channel,
        o.record_type,
        o.scheme,
        o.fact_on,
        o.published_on,
        o.min_months,
        o.is_severe,
        o.duties_performed_on,
        o.violation_words,
        granted.event_type,
        granted.event_on
    from {{ ref('int_obligations_termed') }} as o
    cross join
        lateral (
            values
            ('early_stop_granted', o.early_stop_granted_on),
            ('repair_granted', o.repair_granted_on)
        ) as granted (event_type, event_on)
    where (o.verdict in ('FAIL', 'HELD') or o.rule_repealed_on is not null) and granted.event_on is not null
),

ruled as (
    select
        g.record_id,
        g.event_type,
        g.event_on,
        g.duties_performed_on,
        count(rule_row.rule_id) as rules,
        bool_or(rule_row.severe_excluded and g.is_severe) as is_excluded,
        bool_or(rule_row.needs_performance) as needs_performance,
        max(
            (
                case rule_row.counts_from when 'decided_on' then g.fact_on else g.published_on end
                + make_interval(months => greatest(
                    rule_row.min_months, case when g.event_type = 'repair_granted' then g.min_months end
                ))
            )::date
        ) as not_before
    from grants as g
    left join
        {{ in_force_each(
            'repair_rule', 'g.fact_on',
            "rule_row.channel = g.channel and rule_row.record_type = g.record_type and rule_row.scheme = g.scheme"
            ~ " and rule_row.event_type = g.event_type"
        ) }} as rule_row
        on g.violation_words ~ coalesce(rule_row.violation_pattern, '')
    group by g.record_id, g.event_type, g.event_on, g.duties_performed_on
),

judged as (
    select
        r.record_id,
        r.event_type,
        r.event_on,
        case
            when r.rules = 0 then 'no_repair_rule'
            when r.is_excluded then 'repair_excluded'
            when coalesce(r.event_on < r.not_before, true) then 'repair_too_early'
            when r.needs_performance and coalesce(r.duties_performed_on > r.event_on, true) then 'repair_not_performed'
        end as refused_as
    from ruled as r
)

select distinct on (j.record_id)
    j.record_id,
    j.event_type,
    j.event_on,
    j.refused_as
from judged as j
order by j.record_id asc, (j.refused_as is not null) asc, j.event_on asc, j.event_type asc
