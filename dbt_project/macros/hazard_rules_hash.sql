{% macro hazard_rules_hash() -%}
    (
        select md5({{ inspection_rules_hash() }} || string_agg(to_jsonb(h)::text, ' ' order by to_jsonb(h)::text))
        from {{ ref('hazard_rule') }} as h
    )
{%- endmacro %}
