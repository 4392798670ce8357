{% macro inspection_closed_on(source_key) -%}
    (
        select min(j.valid_from)
        from {{ ref('int_inspections_judged') }} as j
        where j.source_key = {{ source_key }} and j.known_to = 'infinity' and j.is_superseded
    )
{%- endmacro %}
