-- Grain: one record that would be public but for a hold, with the first reason by priority.
-- Replaced in one transaction (delete and insert), so that readers and the live views on it never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['record_id'], 'unique': true}],
) }}
select
    o.record_id,
    o.channel,
    o.record_type,
    o.source_key,
    o.subject_key,
    o.uscc,
    o.rule_id,
    o.regime_id,
    o.hold_reason as held_reason,
    o.held_since,
    o.look_again_on,
    coalesce(o.stops_clock, false) as stops_clock,
    coalesce(o.when_public, 'keep') as when_public,
    case when coalesce(o.hold_owner, 'handling_office') = 'handling_office' then o.handling_office else o.hold_owner end
        as owner,
    case when not coalesce(o.stops_clock, false) then o.due_on end as due_on,
    coalesce(due.is_provisional, false) as due_is_provisional,
    o.source_delivery_id,
    o.source_row_no,
    o.valid_day,
    o.known_day,
    o.place_region_code,
    o.registration_region_code,
    o.authority_region_code
from {{ ref('int_obligations_judged') }} as o
left join {{ ref('dim_date') }} as due on o.due_on = due.date_day
where o.standing = 'held'
