-- Grain: one period of one certificate's status, as known during one interval of days.
-- A table: a dimension, rebuilt whole; the versions it stands on are incremental.
{{ config(indexes=[{'columns': ['certificate_no']}]) }}
{{ bitemporal_periods(ref('int_certificate_states'), 'certificate_no') }}

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
