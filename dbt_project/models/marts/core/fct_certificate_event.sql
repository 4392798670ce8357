-- Grain: one change of one certificate's status as the register reported it, a date set right being one too.
-- A view: filter it by certificate_no.
{{ config(materialized='view') }}
with reported as (
    select
        c.*,
        lag(c.status) over reports as status_before,
        lag(c.status_on) over reports as status_on_before
    from {{ ref('int_certificates_versioned') }} as c
    where c.status_on is not null
    window reports as (partition by c.certificate_no order by c.known_from, c.delivery_id, c.row_no)
)

select
    r.certificate_no,
    r.status,
    r.status_on,
    r.status_before,
    r.ccc_code,
    r.applicant_uscc,
    r.body_code,
    r.known_from as reported_on,
    r.delivery_id as source_delivery_id,
    r.row_no as source_row_no
from reported as r
where (r.status, r.status_on) is distinct from (r.status_before, r.status_on_before)
