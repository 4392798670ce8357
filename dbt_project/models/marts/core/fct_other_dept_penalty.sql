-- Grain: version of a case of another department. Incremental: cases touched by new deliveries, with their versions.
-- Free text about the case stays out; what the law publishes of it is in disclosure_due.
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
    caseid as case_no,
    datadept as department,
    pripid,
    uniscid as party_uscc,
    regno as party_registration_no,
    entname as party_name,
    pendecno as document_no,
    illegacttype as violation_type,
    pentype,
    penam::numeric(18, 2) as fine_amount,
    forfam::numeric(18, 2) as confiscated_amount,
    judauth as authority_name,
    pendecissdate as decided_on,
    publicdate as published_by_department_on,
    received_on,
    revoked_on,
    {{ region_of_code('uniscid') }} as registration_region_code,
    known_from,
    known_to,
    delivery_id as source_delivery_id,
    row_no as source_row_no
from {{ ref('int_other_dept_penalties_versioned') }}
where {{ changed_keys(ref('int_other_dept_penalties_versioned'), 'other_department_penalties') }}
