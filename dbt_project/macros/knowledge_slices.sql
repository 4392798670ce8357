{% macro knowledge_slices(key, changes) -%}
    select
        c.{{ key }},
        c.known_day as slice_from,
        lead(c.known_day, 1, 'infinity'::date) over (partition by c.{{ key }} order by c.known_day) as slice_to
    from {{ changes }} as c
    where c.known_day < 'infinity'
{%- endmacro %}
