-- Grain: version of an inspection report. Incremental: the reports touched by new deliveries, with all their versions.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key']},
        {'columns': ['source_delivery_id', 'source_row_no'], 'unique': true},
        {'columns': ['inspected_on']},
    ],
) }}
select
    source_key,
    report_no,
    device_code,
    use_certificate_no,
    device_kind,
    region_code,
    user_unit_name,
    user_unit_uscc,
    agency_name,
    agency_uscc,
    inspection_type,
    track,
    report_version,
    inspected_on,
    reported_on,
    conclusion,
    next_due_on,
    use_state,
    region_code as place_region_code,
    {{ region_of_code('user_unit_uscc') }} as registration_region_code,
    {{ region_of_code('agency_uscc') }} as authority_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_inspections_versioned') }}
where {{ changed_keys(ref('int_inspections_versioned'), 'agency_inspections') }}
