{% macro in_force_each(seed, on_day, scope) -%}
    lateral (
        select latest.*
        from (
            select distinct on (rule_row.rule_id) rule_row.*
            from {{ ref(seed) }} as rule_row
            cross join {{ ref('int_as_of_day') }} as as_of
            where
                {{ scope }}
                and rule_row.status <> 'draft'
                and rule_row.known_from <= as_of.known_day and as_of.known_day < rule_row.known_to
                and rule_row.valid_from <= {{ on_day }} and {{ on_day }} < rule_row.valid_to
            order by rule_row.rule_id asc, rule_row.known_from desc, rule_row.valid_from desc
        ) as latest
        where latest.status = 'in_force'
    )
{%- endmacro %}
