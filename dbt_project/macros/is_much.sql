{% macro is_much(deliveries) -%}
    {%- set found = run_query(
        'select 10 * sum(d.accepted_rows) filter (where d.delivery_id in (' ~ deliveries | join(', ') ~ '))'
        ~ ' > sum(d.accepted_rows) from landing.delivery as d'
    ) if execute else [] -%}
    {{- return(found[0][0] if found | length else false) -}}
{%- endmacro %}
