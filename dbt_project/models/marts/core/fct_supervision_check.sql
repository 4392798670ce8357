-- Grain: version of a supervision check. Incremental: the checks touched by new deliveries, with all their versions.
-- Free text about the check stays out; what the law publishes of it is in disclosure_due.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key']},
        {'columns': ['source_delivery_id', 'source_row_no'], 'unique': true},
        {'columns': ['checked_on']},
    ],
) }}
select
    source_key,
    check_no,
    kind,
    programme,
    authority_name,
    authority_uscc,
    handling_office,
    party_name,
    party_uscc,
    party_region_code,
    checked_on,
    conclusion,
    corrected_on,
    reported_on,
    party_region_code as place_region_code,
    {{ region_of_code('party_uscc') }} as registration_region_code,
    {{ region_of_code('authority_uscc') }} as authority_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_supervision_checks_versioned') }}
where {{ changed_keys(ref('int_supervision_checks_versioned'), 'amr_supervision_checks') }}
