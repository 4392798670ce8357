-- Grain: one code that gave way to another (GB/T 2260), as known during one interval of days.
-- Of the rows of one pair the one known last decides; a repealed one takes it back. A table: small, rebuilt whole.
{{ config(indexes=[{'columns': ['region_code']}]) }}
with ordered as (
    select
        s.*,
        least(s.known_to, lead(s.known_from, 1, 'infinity'::date) over (
            partition by s.region_code, s.successor_code order by s.known_from
        )) as replaced_on
    from {{ ref('region_succession') }} as s
    where s.status <> 'draft'
)

select
    o.region_code,
    o.successor_code,
    o.is_main,
    o.valid_from,
    o.known_from,
    o.replaced_on as known_to,
    o.confidence,
    o.source_note
from ordered as o
where o.status = 'in_force' and o.known_from < o.replaced_on
