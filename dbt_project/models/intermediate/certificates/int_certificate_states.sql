-- Grain: version of a certificate, as a statement that its status holds from status_on. A later status leaves the
-- earlier one true for its own time; a version that dates the status back (or to the same day) takes it back.
select
    c.certificate_no,
    c.status,
    c.issued_on,
    c.expires_on,
    c.first_issued_on,
    c.ccc_code,
    c.product_name,
    c.model,
    c.standard,
    c.applicant_name,
    c.applicant_uscc,
    c.manufacturer_name,
    c.factory_name,
    c.factory_uscc,
    c.body_code,
    c.body_name,
    c.status_on as valid_from,
    'infinity'::date as valid_to,
    c.known_from,
    coalesce((
        select min(later.known_from)
        from {{ ref('int_certificates_versioned') }} as later
        where
            later.certificate_no = c.certificate_no
            and later.status_on <= c.status_on
            and (later.known_from, later.delivery_id, later.row_no) > (c.known_from, c.delivery_id, c.row_no)
    ), 'infinity'::date) as known_to,
    c.delivery_id,
    c.row_no
from {{ ref('int_certificates_versioned') }} as c
where c.status_on is not null
