-- Grain: failed sample. It is final when every known party is served and every party's window ended without objection
-- or its objection was decided against; final_on is the last of those days (domain 11 A10). One sample, one conclusion.
with samples as (
    select
        w.source_key,
        bool_and(w.served_on is not null) as all_served,
        bool_or(w.objection_is_open) as objection_is_open,
        bool_and(w.window_ends_on is not null) as has_windows,
        bool_and(w.is_settled) and not bool_or(w.objection_is_open) as is_final,
        max(w.served_on) as last_served_on,
        max(w.objected_on) filter (where w.objection_is_open) as objected_on,
        max(w.window_ends_on) as last_window_ends_on,
        greatest(max(w.settled_on), max(w.retest_confirmed_on)) as settled_on
    from {{ ref('int_spot_check_windows') }} as w
    group by w.source_key
)

select
    s.source_key,
    s.all_served,
    s.objection_is_open,
    s.has_windows,
    s.is_final,
    s.last_served_on,
    s.objected_on,
    s.last_window_ends_on,
    case when s.is_final then s.settled_on end as final_on
from samples as s
