-- Grain: failed inspection × hazard rule that makes it a hazard while the device is used × the days on which that was
-- known (known_*). Hazards that no inspection report tells of are not here.
-- Incremental: the devices touched by new deliveries, and everything when a rule row came, went or was closed.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[
        {'columns': ['device_key']},
        {'columns': ['source_delivery_id', 'source_row_no']},
        {'columns': ['found_on']},
    ],
    pre_hook=[
        "{{ forget_when_rules_changed(hazard_rules_hash()) }}",
        "{{ forget_touched('agency_inspections', 'device_key') }}",
    ],
    post_hook=["{{ note_rules(hazard_rules_hash()) }}", "{{ mark_read() }}"],
) }}
select
    j.source_key,
    h.rule_id,
    h.hazard_class,
    j.device_key,
    i.device_kind,
    i.user_unit_uscc,
    i.use_state,
    j.valid_from as found_on,
    nullif(j.valid_to, 'infinity') as superseded_on,
    i.region_code as place_region_code,
    {{ region_of_code('i.user_unit_uscc') }} as registration_region_code,
    {{ region_of_code('i.agency_uscc') }} as authority_region_code,
    greatest(j.known_from, h.known_from) as known_from,
    least(j.known_to, h.known_to) as known_to,
    j.source_delivery_id,
    j.source_row_no
from {{ touched_rows(ref('int_inspections_judged'), 'device_key') }} as j
inner join {{ ref('int_inspections_versioned') }} as i
    on j.source_delivery_id = i.delivery_id and j.source_row_no = i.row_no
inner join {{ ref('hazard_rule') }} as h
    on
        j.rule_id = h.verdict_rule_id
        and h.status = 'in_force'
        and h.valid_from <= j.valid_from and j.valid_from < h.valid_to
        and h.known_from < j.known_to and j.known_from < h.known_to
        and coalesce(h.device_class = left(i.device_code, 1), true)
        and coalesce(h.inspection_type = i.inspection_type, true)
where
    j.verdict = 'FAIL'
    and coalesce(i.use_state = 'IN_USE', true)
