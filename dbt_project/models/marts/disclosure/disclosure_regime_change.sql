-- Grain: one record that was public on the day before new publicity rules began, per such day: its end as it is and its
-- end if the new rules reach what was public already (domain 11 A1). Those with ends_on_first_day are what the new
-- rules end on their first day; whether they do is the selector of their row (publicity_regime), see `applies`.
with shown as (
    select
        o.*,
        c.regime_from,
        c.scheme as new_scheme
    from {{ ref('int_obligations_judged') }} as o
    inner join {{ ref('int_regime_changes') }} as c on o.channel = c.channel and o.record_type = c.record_type
    where
        o.fact_on < c.regime_from
        and o.published_on < c.regime_from
        and coalesce(o.publish_until, 'infinity') >= c.regime_from - 1
        and coalesce(o.reason_on, 'infinity') >= c.regime_from
),

terms as (
    select
        p.source_key,
        p.rule_id,
        p.regime_from,
        p.regime_id,
        p.selector,
        p.clock_start,
        p.publicity_months,
        p.restricted_until
    from {{ ref('int_penalties_termed_anew') }} as p
    union all
    select
        s.source_key,
        s.rule_id,
        s.regime_from,
        regime.regime_id,
        regime.selector,
        regime.clock_start,
        regime.max_months as publicity_months,
        null as restricted_until
    from shown as s
    inner join
        {{ in_force(
            'publicity_regime', 's.regime_from',
            "rule_row.channel = s.channel and rule_row.record_type = s.record_type"
        ) }} as regime on true
    where s.subject_kind <> 'penalty'
),

compared as (
    select
        s.*,
        t.regime_id as new_regime_id,
        t.selector as new_selector,
        greatest(
            (
                case t.clock_start when 'decided_on' then s.fact_on else s.published_on end
                + make_interval(months => t.publicity_months)
            )::date,
            t.restricted_until
        ) as new_publish_until
    from shown as s
    inner join terms as t
        on s.source_key = t.source_key and s.rule_id = t.rule_id and s.regime_from = t.regime_from
)

select
    c.regime_from,
    c.channel,
    c.record_type,
    c.record_id,
    c.source_key,
    c.published_on,
    c.regime_id,
    c.publish_until,
    c.new_regime_id,
    c.new_publish_until,
    c.new_publish_until < c.regime_from as ends_on_first_day,
    c.new_selector = 'business_date' as applies,
    c.handling_office
from compared as c
where c.regime_id is distinct from c.new_regime_id
