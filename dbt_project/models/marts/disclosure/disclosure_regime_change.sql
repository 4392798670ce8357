-- Grain: one record that was public on the day before new publicity rules began, per such day: its end under the rules
-- until then and its end if the new rules reach what was public already (domain 11 A1). Those with ends_on_first_day
-- are what the new rules end on their first day; whether they do is the selector of their row (publicity_regime), see
-- `applies`. Neither end is read from what the new rules made of the record since.
with shown as (
    select
        o.*,
        b.regime_from,
        (
            select max(own.class) from {{ ref('publicity_regime') }} as own where own.regime_id = o.regime_id
        ) as regime_class
    from {{ ref('int_obligations_judged') }} as o
    inner join {{ ref('int_records_shown_before') }} as b on o.record_id = b.record_id
    where o.fact_on < b.regime_from
),

-- a supervision check keeps its class, the result; every other kind has one class under each body of rules
{% set fits = "rule_row.channel = s.channel and rule_row.record_type = s.record_type"
    ~ " and (s.subject_kind <> 'supervision_check' or rule_row.class = s.regime_class)" %}
{% set day_before = "case rule_row.selector when 'business_date' then s.regime_from - 1 else s.regime_picked_on end" %}
terms as (
    select
        n.source_key,
        n.rule_id,
        n.regime_from,
        p.regime_id,
        p.clock_start,
        p.publicity_months,
        p.restricted_until,
        n.regime_id as new_regime_id,
        n.selector as new_selector,
        n.clock_start as new_clock_start,
        n.publicity_months as new_publicity_months,
        n.restricted_until as new_restricted_until
    from {{ ref('int_penalties_termed_anew') }} as n
    left join {{ ref('int_penalties_termed_before') }} as p
        on n.source_key = p.source_key and n.rule_id = p.rule_id and n.regime_from = p.regime_from
    union all
    select
        s.source_key,
        s.rule_id,
        s.regime_from,
        past.regime_id,
        past.clock_start,
        past.max_months as publicity_months,
        null as restricted_until,
        fresh.regime_id as new_regime_id,
        fresh.selector as new_selector,
        fresh.clock_start as new_clock_start,
        fresh.max_months as new_publicity_months,
        null as new_restricted_until
    from shown as s
    inner join {{ in_force('publicity_regime', 's.regime_from', fits) }} as fresh on true
    left join {{ in_force('publicity_regime', day_before, fits) }} as past on true
    where s.subject_kind not in ('penalty', 'other_dept_penalty')
),

compared as (
    select
        s.regime_from,
        s.channel,
        s.record_type,
        s.record_id,
        s.source_key,
        s.published_on,
        s.handling_office,
        t.regime_id,
        t.new_regime_id,
        t.new_selector,
        greatest(
            (
                case t.clock_start when 'decided_on' then s.fact_on else s.published_on end
                + make_interval(months => t.publicity_months)
            )::date,
            t.restricted_until
        ) as publish_until,
        greatest(
            (
                case t.new_clock_start when 'decided_on' then s.fact_on else s.published_on end
                + make_interval(months => t.new_publicity_months)
            )::date,
            t.new_restricted_until
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
where c.regime_id is distinct from c.new_regime_id and coalesce(c.publish_until, 'infinity') >= c.regime_from - 1
