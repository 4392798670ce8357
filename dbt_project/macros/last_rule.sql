{% macro last_rule(seed, on_day, match) -%}
    lateral (
        select
            rule_row.*,
            as_of.known_day < rule_row.known_to and rule_row.status = 'in_force' as is_in_force,
            case when rule_row.known_to <= as_of.known_day then rule_row.known_to else rule_row.known_from end
                as changed_on
        from {{ ref(seed) }} as rule_row
        cross join {{ ref('int_as_of_day') }} as as_of
        where
            {{ match }}
            and rule_row.status <> 'draft'
            and rule_row.known_from <= as_of.known_day
            and rule_row.valid_from <= {{ on_day }} and {{ on_day }} < rule_row.valid_to
        order by (as_of.known_day < rule_row.known_to) desc, rule_row.known_from desc, rule_row.valid_from desc
        limit 1
    )
{%- endmacro %}
