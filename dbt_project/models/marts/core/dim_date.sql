-- Grain: one day, 2004 to 2050. seeds/rules/calendar_override.csv overrides the library, as far as known on known_day.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[
        {'columns': ['date_day'], 'unique': true},
        {'columns': ['working_day_no']},
    ],
) }}
with latest_overrides as (
    select distinct on (o.date_day)
        o.date_day,
        o.is_working_day,
        o.is_provisional,
        o.status
    from {{ ref('calendar_override') }} as o
    cross join {{ ref('int_as_of_day') }} as d
    where
        o.status <> 'draft'
        and o.known_from <= d.known_day and d.known_day < o.known_to
    order by o.date_day asc, o.known_from desc
),

overrides as (
    select l.*
    from latest_overrides as l
    where l.status = 'in_force'
),

days as (
    select
        c.date_day,
        coalesce(o.is_working_day, c.is_working_day) as is_working_day,
        coalesce(o.is_provisional, c.is_provisional) as is_provisional
    from {{ ref('stg_platform__calendar_days') }} as c
    left join overrides as o on c.date_day = o.date_day
)

select
    d.date_day,
    d.is_working_day,
    (count(*) filter (where d.is_working_day) over (order by d.date_day))::integer as working_day_no,
    d.is_provisional
from days as d
