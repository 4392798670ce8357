{% macro facts_to_resolve() -%}
    select p.fact_kind, p.source_key
    from {{ ref('int_subject_parties') }} as p
    where p.source_delivery_id in (
        select d.delivery_id
        from {{ ref('stg_platform__deliveries') }} as d
        where not exists (select 1 from {{ this }} as known where known.source_delivery_id = d.delivery_id)
    )
    union
    {{ facts_named_by_register('unread_' ~ this.identifier) }}
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
