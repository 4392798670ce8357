{% macro in_force(seed, on_day, match) -%}
    lateral (
        select latest.*
        from (
            select rule_row.*
            from {{ ref(seed) }} as rule_row
            cross join {{ ref('int_as_of_day') }} as as_of
            where
                {{ match }}
                and rule_row.status <> 'draft'
                and rule_row.known_from <= as_of.known_day and as_of.known_day < rule_row.known_to
                and rule_row.valid_from <= {{ on_day }} and {{ on_day }} < rule_row.valid_to
            order by rule_row.known_from desc, rule_row.valid_from desc
            limit 1
        ) as latest
        where latest.status = 'in_force'
    )
{%- endmacro %}
