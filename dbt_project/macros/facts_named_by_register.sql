{% macro facts_named_by_register(deliveries) -%}
    {%- for ours, theirs in [
        ('uscc', 'uscc'),
        ('comparable_name', 'comparable_name'),
        ('name_core', 'name_core'),
        ('head_name', 'comparable_name'),
    ] %}
    {{ 'union' if not loop.first }}
    select p.fact_kind, p.source_key
    from {{ deliveries }} as u
    inner join {{ ref('int_register_names') }} as c on u.delivery_id = c.source_delivery_id
    inner join {{ ref('int_register_names') }} as n on c.uscc = n.uscc
    inner join {{ ref('int_subject_parties') }} as p on n.{{ theirs }} = p.{{ ours }}
    {%- endfor %}
{%- endmacro %}
