-- Grain: one accepted row of CCC certificates (a version of one certificate).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    certificate_no,
    status,
    ccc_code,
    product_name,
    model,
    standard,
    applicant_name,
    applicant_uscc,
    manufacturer_name,
    factory_name,
    factory_uscc,
    body_code,
    body_name,
    quality.to_date(status_on) as status_on,
    quality.to_date(issued_on) as issued_on,
    quality.to_date(expires_on) as expires_on,
    quality.to_date(first_issued_on) as first_issued_on
from {{ source('cnca_certificates', 'cnca_certificates_accepted') }}
