-- Grain: one code that ever was × one code that covers its territory now, as known on known_day. What lay in its code
-- before the day `until` lies in current_code today (or a part of it: is_split). A code in force stands for itself.
-- current_code is null where the code is abolished and no successor is known.
{{ config(materialized='table', indexes=[{'columns': ['region_code']}]) }}
with recursive successions as (
    select
        s.region_code,
        s.successor_code,
        s.valid_from
    from {{ ref('dim_region_successor') }} as s
    inner join {{ ref('int_as_of_day') }} as d
        on s.known_from <= d.known_day and d.known_day < s.known_to and s.valid_from <= d.valid_day
),

in_force as (
    select r.region_code
    from {{ ref('dim_region') }} as r
    inner join {{ ref('int_as_of_day') }} as d on r.valid_from <= d.valid_day and d.valid_day < r.valid_to
),

steps as (
    select distinct
        r.region_code,
        r.region_code as reached_code,
        'infinity'::date as until,
        array[r.region_code] as path
    from {{ ref('dim_region') }} as r
    union all
    select
        t.region_code,
        s.successor_code as reached_code,
        least(t.until, s.valid_from) as until,
        t.path || s.successor_code as path
    from steps as t
    inner join successions as s on t.reached_code = s.region_code and s.successor_code <> all(t.path)
),

arrived as (
    select
        t.region_code,
        t.reached_code as current_code,
        max(t.until) as until
    from steps as t
    where t.reached_code in (select f.region_code from in_force as f)
    group by t.region_code, t.reached_code
),

codes as (
    select distinct r.region_code
    from {{ ref('dim_region') }} as r
)

select
    c.region_code,
    a.current_code,
    coalesce(a.until, 'infinity'::date) as until,
    count(*) over (partition by c.region_code) > 1 as is_split
from codes as c
left join arrived as a on c.region_code = a.region_code
