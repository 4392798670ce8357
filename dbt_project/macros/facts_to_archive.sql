{% macro facts_to_archive() -%}
    {%- set unread = 'unread_' ~ this.identifier -%}
    select p.fact_kind, p.source_key
    from {{ unread }} as u
    inner join {{ ref('int_subject_parties') }} as p on u.delivery_id = p.source_delivery_id
    union
    {{ facts_named_by_register(unread) }}
    union
    {#- What happened to a case, or to one party of it. #}
    select p.fact_kind, p.source_key
    from {{ unread }} as u
    inner join {{ ref('int_case_events_versioned') }} as e on u.delivery_id = e.delivery_id
    inner join {{ ref('int_subject_parties') }} as p
        on regexp_replace(e.event_source_key, '\|(producer|seller)$', '') = p.source_key
    union
    {#- A new report may take the place of others of its device; a correction may leave the device it named before. What the
        archive says of each is looked up (the offset), and only those it says otherwise of are taken up. #}
    select 'inspection' as fact_kind, other.source_key
    from {{ unread }} as u
    inner join {{ ref('int_inspections_versioned') }} as i on u.delivery_id = i.delivery_id
    inner join {{ ref('int_inspections_versioned') }} as version on i.source_key = version.source_key
    inner join {{ ref('int_inspections_versioned') }} as other on version.device_key = other.device_key
    where
        exists (
            select 1
            from {{ this }} as known
            where
                known.fact_kind = 'inspection'
                and known.source_key = other.source_key
                and known.event_kind = 'inspection'
                and known.closed_on is distinct from {{ inspection_closed_on('other.source_key') }}
            offset 0
        )
    union
    select m.fact_kind, m.source_key
    from (
        select d.fact_kind, d.source_key, d.role, count(*) as decisions
        from {{ ref('stg_platform__subject_decisions') }} as d
        group by d.fact_kind, d.source_key, d.role
    ) as m
    where not exists (
        select 1
        from {{ this }} as known
        where
            known.fact_kind = m.fact_kind
            and known.source_key = m.source_key
            and known.role = m.role
            and known.decisions = m.decisions
    )
{%- endmacro %}
