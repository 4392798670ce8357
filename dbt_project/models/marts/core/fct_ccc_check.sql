-- Grain: version of a CCC validity-check sample. Incremental: the samples touched by new deliveries, with all versions.
{{ config(
    materialized='incremental',
    unique_key='source_key',
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key']},
        {'columns': ['source_delivery_id', 'source_row_no'], 'unique': true},
        {'columns': ['sampled_on']},
    ],
) }}
select
    source_key,
    sample_no,
    certificate_no,
    ccc_code,
    product_name,
    model,
    sampled_on,
    holder_name,
    holder_uscc,
    factory_name,
    consistency,
    test_conclusion,
    disposition,
    disposition_on,
    body_name,
    lab_name,
    reported_on,
    {{ region_of_code('holder_uscc') }} as registration_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_ccc_checks_versioned') }}
where {{ changed_keys(ref('int_ccc_checks_versioned'), 'cnca_validity_checks') }}
