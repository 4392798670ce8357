-- Grain: metric × day × region (six-digit code of the metric's own region role, or unknown). The value is numerator /
-- denominator; where that is zero there is no value, and a day without a row had nothing to count: neither is 0 %.
-- Incremental: the days that new deliveries touched, the stocks of the day, and the due days of publication (each time,
-- for obligations live in the ledger and not in deliveries). Never rebuilt whole, for past stocks cannot be
-- counted again; `dbt build --full-refresh --select int_metric_days_touched+` counts every other figure anew.
-- The pre-hook reads these two. depends_on: {{ ref('metric') }}, {{ ref('int_as_of_day') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['metric', 'day', 'region'], 'unique': true}],
    pre_hook="{{ forget_recounted() }}",
    post_hook="update {{ ref('int_metric_days_touched') }} set is_counted = true where not is_counted",
    full_refresh=false,
) }}
with days as (
    select distinct
        t.metric,
        t.day
    from {{ ref('int_metric_days_touched') }} as t
    where not t.is_counted
),

figures as (
    select
        c.metric,
        c.day,
        c.region,
        c.numerator,
        c.denominator
    from days as d
    cross join
        lateral (
            select k.*
            from {{ ref('int_metric_contributions') }} as k
            where k.metric = d.metric and k.day = d.day and k.known_to = 'infinity'
            {# Else the planner reads every fact for the sake of a few days. #}
            {{ 'offset 0' if is_incremental() }}
        ) as c
    union all
    select
        p.metric,
        p.day,
        p.region,
        p.numerator,
        p.denominator
    from {{ ref('int_metric_due_days') }} as p
    union all
    select
        s.metric,
        s.day,
        s.region,
        s.numerator,
        s.denominator
    from {{ ref('int_metric_stocks') }} as s
)

select
    f.metric,
    f.day,
    case when f.region ~ '^[0-9]{6}$' then f.region else 'unknown' end as region,
    sum(f.numerator)::numeric(20, 2) as numerator,
    sum(f.denominator)::numeric(20, 2) as denominator
from figures as f
group by f.metric, f.day, case when f.region ~ '^[0-9]{6}$' then f.region else 'unknown' end
