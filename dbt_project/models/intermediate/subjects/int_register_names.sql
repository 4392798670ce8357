-- Grain: one row of dim_enterprise (a period of one enterprise's name, standing and division, as known during one
-- interval of days) with the forms of the name under which a party is looked up; kept, so that they can be indexed.
-- Incremental: the enterprises of deliveries not seen yet, with all their periods.
{{ config(
    materialized='incremental',
    unique_key='uscc',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['uscc']},
        {'columns': ['comparable_name']},
        {'columns': ['name_core']},
        {'columns': ['source_delivery_id', 'uscc']},
    ],
) }}
-- depends_on: {{ ref('stg_platform__deliveries') }}
with enterprises as (
    select
        e.*,
        {{ comparable_name('e.enterprise_name') }} as comparable_name
    from {{ ref('dim_enterprise') }} as e
    {% if is_incremental() %}
        where
            e.uscc in (
                select c.uscc
                from {{ ref('dim_enterprise') }} as c
                where c.source_delivery_id in (
                    select d.delivery_id
                    from {{ ref('stg_platform__deliveries') }} as d
                    where not exists (select 1 from {{ this }} as known where known.source_delivery_id = d.delivery_id)
                )
            )
    {% endif %}
)

select
    e.uscc,
    e.enterprise_name,
    e.comparable_name,
    {{ name_core('e.comparable_name') }} as name_core,
    e.status,
    e.region_code,
    e.valid_from,
    e.valid_to,
    e.known_from,
    e.known_to,
    e.source_delivery_id
from enterprises as e
