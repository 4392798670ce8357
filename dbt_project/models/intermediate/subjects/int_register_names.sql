-- Grain: one period of one enterprise's name, standing and division, as known during one interval of days; periods of
-- one enterprise never overlap. The forms of the name under which a party is looked up are kept and indexed.
-- Incremental by delivery: the enterprises of new deliveries, with all their periods.
{{ config(
    materialized='incremental',
    unique_key='uscc',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['uscc']},
        {'columns': ['comparable_name']},
        {'columns': ['name_core']},
        {'columns': ['source_delivery_id']},
    ],
) }}
{%- set is_changed = changed_keys(ref('int_enterprises_versioned'), 'registry_enterprises') -%}
{%- set versions -%}
    (
        select e.*
        from {{ ref('int_enterprises_versioned') }} as e
    {%- if is_incremental() %}
        where e.uscc in (select c.uscc from {{ ref('int_enterprises_versioned') }} as c where {{ is_changed }})
    {%- endif %}
    )
{%- endset %}
{{ bitemporal_periods(versions, 'uscc') }}

select
    n.uscc,
    n.enterprise_name,
    n.comparable_name,
    {{ name_core('n.comparable_name') }} as name_core,
    n.status,
    n.region_code,
    n.valid_from,
    m.period_to as valid_to,
    m.slice_from as known_from,
    m.slice_to as known_to,
    n.delivery_id as source_delivery_id
from merged as m
inner join numbered as n on m.version_no = n.version_no
where n.valid_from < m.period_to
