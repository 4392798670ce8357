-- Grain: one period of one certificate's status, as known during one interval of days.
-- Incremental: the certificates touched by new deliveries, with their whole history, of which what differs is written.
{{ config(
    materialized='incremental',
    unique_key=['certificate_no', 'valid_from', 'known_from'],
    incremental_strategy='difference',
    indexes=[{'columns': ['certificate_no']}, {'columns': ['source_delivery_id']}],
    pre_hook="{{ list_touched('cnca_certificates', 'certificate_no') }}",
    post_hook="{{ mark_read() }}",
) }}
{{ bitemporal_periods(touched_rows(ref('int_certificate_states'), 'certificate_no'), 'certificate_no') }}

select
    n.certificate_no,
    n.status,
    n.issued_on,
    n.expires_on,
    n.first_issued_on,
    n.ccc_code,
    n.product_name,
    n.model,
    n.standard,
    n.applicant_name,
    n.applicant_uscc,
    n.manufacturer_name,
    n.factory_name,
    n.factory_uscc,
    n.body_code,
    n.body_name,
    n.valid_from,
    m.period_to as valid_to,
    m.slice_from as known_from,
    m.slice_to as known_to,
    n.delivery_id as source_delivery_id,
    n.row_no as source_row_no
from merged as m
inner join numbered as n on m.version_no = n.version_no
where n.valid_from < m.period_to
