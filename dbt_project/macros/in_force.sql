{% macro in_force(seed, on_day, match, known_day=none) -%}
    lateral (
        select latest.*
        from (
            select rule_row.*
            from {{ ref(seed) }} as rule_row
            {% if not known_day %}cross join {{ ref('int_as_of_day') }} as as_of{% endif %}
            where
                {{ match }}
                and rule_row.status <> 'draft'
                and rule_row.known_from <= {{ known_day or 'as_of.known_day' }} and {{ known_day or 'as_of.known_day' }} < rule_row.known_to
                and rule_row.valid_from <= {{ on_day }} and {{ on_day }} < rule_row.valid_to
            order by rule_row.known_from desc, rule_row.valid_from desc
            limit 1
        ) as latest
        where latest.status = 'in_force'
    )
{%- endmacro %}
