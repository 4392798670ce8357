-- Grain: one device in use as its newest report leaves it × the days on which that was known (known_*), with the day by
-- which it must be inspected next: the earliest of its tracks, that of a track being that of its last inspection (11
-- A19: a self-test or a check at the maker is none); a report without a track counts only where there is no other.
-- Incremental: the devices touched by new deliveries; the pre-hook deletes them first.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['device_key']},
        {'columns': ['source_delivery_id']},
        {'columns': ['known_to', 'known_from', 'valid_from', 'region_code', 'next_due_on']},
    ],
    pre_hook="{{ forget_touched('agency_inspections', 'device_key') }}",
    post_hook="{{ mark_read() }}",
) }}
with reports as (
    select i.*
    from {{ touched_rows(ref('int_inspections_versioned'), 'device_key') }} as i
    where i.known_from < i.known_to and i.device_code is not null
),

-- At each of these days what was known of the device changed.
changes as (
    select r.device_key, r.known_from as known_day from reports as r
    union
    select r.device_key, r.known_to as known_day from reports as r
),

slices as (
    {{ knowledge_slices('device_key', 'changes') }}
),

-- The last inspection of each track.
last_of_track as (
    select distinct on (s.device_key, s.slice_from, coalesce(r.track, ''))
        s.device_key,
        s.slice_from,
        r.track,
        r.next_due_on
    from slices as s
    inner join reports as r
        on s.device_key = r.device_key and r.known_from <= s.slice_from and s.slice_from < r.known_to
    where r.inspection_type in ('PERIODIC', 'SUPERVISION')
    order by
        s.device_key asc,
        s.slice_from asc,
        coalesce(r.track, '') asc,
        r.inspected_on desc,
        r.reported_on desc nulls last
),

due as (
    select
        t.device_key,
        t.slice_from,
        coalesce(min(t.next_due_on) filter (where t.track is not null), min(t.next_due_on)) as next_due_on
    from last_of_track as t
    group by t.device_key, t.slice_from
)

select
    s.device_key,
    e.region_code,
    e.valid_from,
    d.next_due_on,
    greatest(e.known_from, s.slice_from) as known_from,
    least(e.known_to, s.slice_to) as known_to,
    e.source_delivery_id
from slices as s
inner join due as d on s.device_key = d.device_key and s.slice_from = d.slice_from
inner join {{ ref('dim_equipment') }} as e
    on s.device_key = e.device_code and s.slice_from < e.known_to and e.known_from < s.slice_to
where e.valid_to = 'infinity' and e.use_state = 'IN_USE' and d.next_due_on is not null
