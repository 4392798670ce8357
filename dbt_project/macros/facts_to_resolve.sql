{% macro facts_to_resolve() -%}
    select p.fact_kind, p.source_key
    from {{ ref('int_subject_parties') }} as p
    where p.source_delivery_id in (
        select d.delivery_id
        from {{ ref('stg_platform__deliveries') }} as d
        where not exists (select 1 from {{ this }} as known where known.source_delivery_id = d.delivery_id)
    )
    {%- for ours, theirs in [
        ('uscc', 'uscc'),
        ('comparable_name', 'comparable_name'),
        ('name_core', 'name_core'),
        ('head_name', 'comparable_name'),
    ] %}
    union
    select p.fact_kind, p.source_key
    from {{ ref('int_register_deliveries_unread') }} as u
    inner join {{ ref('int_register_names') }} as c on u.delivery_id = c.source_delivery_id
    inner join {{ ref('int_register_names') }} as n on c.uscc = n.uscc
    inner join {{ ref('int_subject_parties') }} as p on n.{{ theirs }} = p.{{ ours }}
    {%- endfor %}
    union
    select m.fact_kind, m.source_key
    from {{ ref('stg_platform__subject_decisions') }} as m
    where not exists (
        select 1
        from {{ this }} as known
        where
            known.fact_kind = m.fact_kind
            and known.source_key = m.source_key
            and known.role = m.role
            and m.decision_id = any(known.decision_ids)
    )
{%- endmacro %}
