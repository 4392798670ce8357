-- Grain: one name of one division code during the years in which it was in force (GB/T 2260).
-- A table: a small dimension, rebuilt whole.
{{ config(indexes=[{'columns': ['region_code']}]) }}
with named as (
    select
        r.region_code,
        r.region_name,
        coalesce(make_date(r.first_year, 1, 1), '-infinity'::date) as valid_from,
        coalesce(make_date(r.last_year + 1, 1, 1), 'infinity'::date) as valid_to
    from {{ ref('stg_platform__regions') }} as r
),

ordered as (
    select
        n.*,
        lead(n.valid_from, 1, 'infinity'::date) over (
            partition by n.region_code order by n.valid_from, n.valid_to
        ) as next_from
    from named as n
)

select
    o.region_code,
    o.region_name,
    case
        when o.region_code like '%0000' then 'province'
        when o.region_code like '%00' then 'prefecture'
        else 'county'
    end as region_level,
    left(o.region_code, 2) as province_code,
    o.valid_from,
    least(o.valid_to, o.next_from) as valid_to,
    successor.successor_code
from ordered as o
left join (
    select
        s.region_code,
        s.successor_code,
        s.valid_from
    from {{ ref('dim_region_successor') }} as s
    inner join {{ ref('int_as_of_day') }} as d on s.known_from <= d.known_day and d.known_day < s.known_to
    where s.is_main
) as successor
    on
        o.region_code = successor.region_code
        and o.next_from = 'infinity'
        and successor.valid_from <= o.valid_to
where o.valid_from < least(o.valid_to, o.next_from)
