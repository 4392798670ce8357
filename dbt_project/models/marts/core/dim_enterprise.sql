-- Grain: one period of one enterprise's name and status, as known during one interval of days.
-- Incremental: the enterprises touched by new deliveries, with their whole history, of which what differs is written.
{{ config(
    materialized='incremental',
    unique_key=['uscc', 'valid_from', 'known_from'],
    incremental_strategy='difference',
    indexes=[{'columns': ['uscc']}, {'columns': ['source_delivery_id']}],
    pre_hook="{{ list_touched('registry_enterprises', 'uscc') }}",
    post_hook="{{ mark_read() }}",
) }}
{{ bitemporal_periods(touched_rows(ref('int_enterprises_versioned'), 'uscc'), 'uscc') }}

select
    n.uscc,
    n.enterprise_name,
    n.status,
    n.party_kind,
    n.region_code,
    n.established_on,
    n.valid_from,
    m.period_to as valid_to,
    m.slice_from as known_from,
    m.slice_to as known_to,
    n.delivery_id as source_delivery_id,
    n.row_no as source_row_no
from merged as m
inner join numbered as n on m.version_no = n.version_no
where n.valid_from < m.period_to
