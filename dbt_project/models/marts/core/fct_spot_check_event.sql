-- Grain: one thing that happened to a spot-check sample or to one party's branch of it, as one row told of it (domain
-- 4.3): sampled and reported by the sample's row, the rest by case events; known_* are that row's. A view with its
-- owner's rights, for full readers only; a question by sample reaches the indexes of both.
{{ config(materialized='view') }}
with told as (
    select
        s.source_key,
        null as role,
        own.event_type,
        own.title,
        own.state_no,
        own.event_on,
        s.known_from,
        s.known_to,
        s.delivery_id,
        s.row_no
    from {{ ref('int_spot_checks_versioned') }} as s
    cross join
        lateral (
            values ('sampled', '抽样', 2, s.sampled_on), ('reported', '出具报告', 5, s.reported_on)
        ) as own (event_type, title, state_no, event_on)
    union all
    select
        s.source_key,
        branch.role,
        e.event_type,
        t.title,
        t.state_no,
        e.event_on,
        e.known_from,
        e.known_to,
        e.delivery_id,
        e.row_no
    from {{ ref('int_spot_checks_versioned') }} as s
    cross join
        lateral (
            values
            (null, s.source_key), ('producer', s.source_key || '|producer'), ('seller', s.source_key || '|seller')
        ) as branch (role, event_source_key)
    inner join {{ ref('int_case_events_versioned') }} as e on branch.event_source_key = e.event_source_key
    left join {{ ref('event_type') }} as t on e.event_type = t.event_type
    where s.known_to = 'infinity'
)

select
    t.source_key,
    t.role,
    t.event_type,
    t.title as event_title,
    t.event_on,
    t.state_no,
    t.known_from,
    t.known_to,
    t.delivery_id as source_delivery_id,
    t.row_no as source_row_no
from told as t
