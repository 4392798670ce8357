{% macro penalty_terms(penalties, day, regime_from='null::date') -%}
with kinds as (
    select
        p.source_key,
        p.rule_id,
        p.channel,
        p.record_type,
        p.valid_day,
        p.decided_on,
        p.restriction_until,
        {{ regime_from }} as regime_from,
        split_part(kind.penalty_kind, '-', 1) as penalty_kind,
        case
            when kind.penalty_kind <> '罚款' then 'any'
            when p.fine_amount < threshold.below_amount then 'low'
            else 'other'
        end as fine_level
    from {{ penalties }} as p
    cross join jsonb_array_elements_text(p.kinds) as kind (penalty_kind)
    left join
        {{ in_force(
            'low_fine_threshold', 'p.decided_on',
            "rule_row.province_code = substr(p.authority_uscc, 3, 2) and rule_row.party_kind = p.party_kind"
        ) }} as threshold on true
    where p.is_dispatched or p.rule_changed_on is not null
),

terms as (
    select
        k.source_key,
        k.rule_id,
        k.regime_from,
        regime.regime_id,
        regime.scheme,
        regime.selector,
        regime.valid_from,
        regime.clock_start,
        regime.auto_stop,
        regime.needs_performance,
        regime.stops_related,
        regime.min_months,
        regime.max_months,
        kind_class.is_severe,
        case when kind_class.restricts_business then k.restriction_until end as restricted_until
    from kinds as k
    left join
        {{ in_force(
            'publicity_regime', day, "rule_row.channel = k.channel and rule_row.record_type = k.record_type"
        ) }} as current_scheme on true
    left join
        {{ in_force(
            'penalty_kind_class', day | replace('rule_row.selector', 'current_scheme.selector'),
            "rule_row.scheme = current_scheme.scheme and rule_row.penalty_kind = k.penalty_kind"
            ~ " and rule_row.fine_level = k.fine_level"
        ) }} as kind_class on true
    left join
        {{ in_force(
            'publicity_regime', day,
            "rule_row.channel = k.channel and rule_row.record_type = k.record_type"
            ~ " and rule_row.scheme = current_scheme.scheme and rule_row.class = kind_class.class"
        ) }} as regime on true
)

select
    t.source_key,
    t.rule_id,
    t.regime_from,
    {% for column in ['regime_id', 'scheme', 'selector', 'valid_from', 'clock_start'] -%}
        (array_agg(t.{{ column }} order by t.max_months desc, t.regime_id asc))[1] as {{ column }},
    {% endfor -%}
    max(t.min_months) as min_months,
    max(t.max_months) as publicity_months,
    bool_and(t.auto_stop) as auto_stop,
    bool_or(t.needs_performance) as needs_performance,
    bool_or(t.stops_related) as stops_related,
    bool_or(t.is_severe) as is_severe,
    max(t.restricted_until) as restricted_until
from terms as t
group by t.source_key, t.rule_id, t.regime_from
having bool_and(t.regime_id is not null)
{%- endmacro %}
