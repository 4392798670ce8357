-- Grain: version of a listing of one party. Incremental: listings touched by new deliveries, with all their versions.
-- A natural person's name and free text about the case stay out; what the law publishes of them is in disclosure_due.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key']},
        {'columns': ['source_delivery_id', 'source_row_no'], 'unique': true},
        {'columns': ['listed_on']},
    ],
) }}
select
    source_key,
    document_no,
    authority_uscc,
    authority_name,
    handling_office,
    party_key,
    party_kind,
    case when party_kind <> '自然人' then party_name end as party_name,
    party_uscc,
    party_region_code,
    stage,
    category,
    penalty_document_no,
    listed_on,
    served_on,
    publicity_notice_served_on,
    removed_on,
    removal_reason,
    removing_authority,
    party_region_code as place_region_code,
    {{ region_of_code('party_uscc') }} as registration_region_code,
    {{ region_of_code('authority_uscc') }} as authority_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_serious_listings_versioned') }}
where {{ changed_keys(ref('int_serious_listings_versioned'), 'amr_serious_listings') }}
