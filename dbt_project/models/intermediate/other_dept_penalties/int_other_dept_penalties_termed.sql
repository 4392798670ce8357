-- Grain: case of another department × verdict rule that has a term of publicity: the longest of its kinds (A1), by
-- the classes of penalty_kind_class; one kind without a class leaves the case without a term, and so held. No threshold
-- of 较低数额罚款 is known for other departments, so a fine is never a low one.
with terms as (
    select
        p.source_key,
        p.rule_id,
        regime.regime_id,
        regime.scheme,
        regime.selector,
        regime.valid_from,
        regime.clock_start,
        regime.min_months,
        regime.auto_stop and not regime.needs_performance as stops_itself,
        regime.max_months
    from {{ ref('int_other_dept_penalties_ruled') }} as p
    cross join regexp_split_to_table(p.pentype, ';') as given (pentype)
    left join {{ ref('pentype') }} as kind on given.pentype = kind.pentype
    left join
        {{ in_force(
            'publicity_regime', "case rule_row.selector when 'business_date' then p.valid_day else p.pendecissdate end",
            "rule_row.channel = p.channel and rule_row.record_type = p.record_type"
        ) }} as current_scheme on true
    left join
        {{ in_force(
            'penalty_kind_class', 'p.pendecissdate',
            "rule_row.scheme = current_scheme.scheme and rule_row.penalty_kind = kind.penalty_kind"
            ~ " and rule_row.fine_level = case kind.penalty_kind when '罚款' then 'other' else 'any' end"
        ) }} as kind_class on true
    left join
        {{ in_force(
            'publicity_regime', "case rule_row.selector when 'business_date' then p.valid_day else p.pendecissdate end",
            "rule_row.channel = p.channel and rule_row.record_type = p.record_type"
            ~ " and rule_row.scheme = current_scheme.scheme and rule_row.class = kind_class.class"
        ) }} as regime on true
    where p.is_dispatched or p.rule_changed_on is not null
)

select
    t.source_key,
    t.rule_id,
    (array_agg(t.regime_id order by t.max_months desc, t.regime_id asc))[1] as regime_id,
    (array_agg(t.scheme order by t.max_months desc, t.regime_id asc))[1] as scheme,
    (array_agg(t.selector order by t.max_months desc, t.regime_id asc))[1] as regime_selector,
    (array_agg(t.valid_from order by t.max_months desc, t.regime_id asc))[1] as regime_valid_from,
    max(t.min_months) as min_months,
    (array_agg(t.clock_start order by t.max_months desc, t.regime_id asc))[1] as clock_start,
    max(t.max_months) as publicity_months,
    bool_and(t.stops_itself) as stops_itself
from terms as t
group by t.source_key, t.rule_id
having bool_and(t.regime_id is not null)
