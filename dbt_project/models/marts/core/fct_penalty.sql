-- Grain: version of a decision against one party. Incremental: decisions touched by new deliveries, with all versions.
-- A natural person's name and free text about the case stay out; what the law publishes of them is in disclosure_due.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key']},
        {'columns': ['source_delivery_id', 'source_row_no'], 'unique': true},
        {'columns': ['decided_on']},
    ],
) }}
select
    source_key,
    document_no,
    authority_uscc,
    authority_name,
    party_key,
    party_kind,
    case when party_kind <> '自然人' then party_name end as party_name,
    party_uscc,
    party_region_code,
    violation_type,
    penalty_kinds,
    fine_amount::numeric(18, 2) as fine_amount,
    confiscated_amount::numeric(18, 2) as confiscated_amount,
    procedure,
    handling_office,
    service_mode,
    decided_on,
    served_on,
    publicity_notice_served_on,
    repair_notice_served_on,
    performed_on,
    restriction_until,
    document_sha256,
    party_region_code as place_region_code,
    {{ region_of_code('party_uscc') }} as registration_region_code,
    {{ region_of_code('authority_uscc') }} as authority_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_penalties_versioned') }}
where {{ changed_keys(ref('int_penalties_versioned'), 'amr_penalties') }}
