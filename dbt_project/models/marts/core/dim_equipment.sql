-- Grain: one state of one device between two inspections, as known during one interval of days.
-- Incremental: the devices touched by new deliveries, with their whole history, of which what differs is written.
{{ config(
    materialized='incremental',
    unique_key=['device_code', 'valid_from', 'known_from'],
    incremental_strategy='difference',
    indexes=[{'columns': ['device_code']}, {'columns': ['source_delivery_id']}],
    pre_hook="{{ list_touched('agency_inspections', 'device_code') }}",
    post_hook="{{ mark_read() }}",
) }}
{{ bitemporal_periods(touched_rows(ref('int_device_states'), 'device_code'), 'device_code') }}

select
    n.device_code,
    n.device_kind,
    n.use_certificate_no,
    n.region_code,
    n.user_unit_name,
    n.user_unit_uscc,
    n.use_state,
    n.valid_from,
    m.period_to as valid_to,
    m.slice_from as known_from,
    m.slice_to as known_to,
    n.delivery_id as source_delivery_id,
    n.row_no as source_row_no
from merged as m
inner join numbered as n on m.version_no = n.version_no
where n.valid_from < m.period_to
