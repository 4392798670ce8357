-- Grain: delivery × flow metric × day whose figure it changed: the days of its rows and of the versions they replaced.
-- Incremental: the deliveries whose rows the facts have and this model has not. metric_daily computes the days not yet
-- counted and marks them in the same transaction, so a build that fails in between loses none.
{{ config(
    materialized='incremental',
    unique_key=['delivery_id', 'metric', 'day'],
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['delivery_id', 'metric']},
        {'columns': ['is_counted']},
    ],
) }}
{# Else the planner reads every fact for the sake of a few. #}
{%- set look_up = 'offset 0' if is_incremental() %}
with new_deliveries as (
    select
        d.delivery_id,
        m.metric
    from {{ ref('stg_platform__judged_deliveries') }} as d
    inner join {{ ref('metric') }} as m on m.kind = 'flow' and m.source in ('any', d.source)
    {% if is_incremental() %}
        where not exists (select 1 from {{ this }} as t where t.delivery_id = d.delivery_id and t.metric = m.metric)
    {% endif %}
),

touched_keys as (
    select distinct
        n.delivery_id,
        n.metric,
        c.source_key
    from new_deliveries as n
    cross join
        lateral (
            select k.source_key
            from {{ ref('int_metric_contributions') }} as k
            where k.source_delivery_id = n.delivery_id and k.metric = n.metric
            {{ look_up }}
        ) as c
)

select distinct
    k.delivery_id,
    k.metric,
    c.day,
    false as is_counted
from touched_keys as k
cross join
    lateral (
        select v.day
        from {{ ref('int_metric_contributions') }} as v
        where v.source_key = k.source_key and v.metric = k.metric
        {{ look_up }}
    ) as c
