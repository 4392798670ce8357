-- Grain: one accepted row, that is one version of one inspection report.
-- It is known from its delivery's business day until the next version's; a lower version that comes late, never.
-- Incremental by delivery: the rows of new deliveries and the versions of the same keys, nothing else.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[{'columns': ['delivery_id', 'row_no'], 'unique': true}, {'columns': ['source_key']}, {'columns': ['device_key']}],
) }}
{{ versioned(ref('stg_agency_inspections__reports'), 'agency_inspections', version='report_version') }}
