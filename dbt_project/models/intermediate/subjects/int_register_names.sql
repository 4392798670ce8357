-- Grain: one row of dim_enterprise (a period of one enterprise's name, standing and division, as known during one
-- interval of days) with the forms of the name under which a party is looked up; kept, so that they can be indexed.
-- Incremental: the enterprises touched by new deliveries, with all their periods; the pre-hook deletes them first.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['uscc']},
        {'columns': ['comparable_name']},
        {'columns': ['name_core']},
        {'columns': ['source_delivery_id']},
    ],
    pre_hook="{{ forget_touched('registry_enterprises', 'uscc') }}",
    post_hook="{{ mark_read() }}",
) }}
with enterprises as (
    select
        e.*,
        {{ comparable_name('e.enterprise_name') }} as comparable_name
    from {{ touched_rows(ref('dim_enterprise'), 'uscc') }} as e
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
