-- Grain: one accepted row of CCC 有效性抽查 (a version of one sample).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    sample_no,
    certificate_no,
    ccc_code,
    product_name,
    model,
    holder_name,
    holder_uscc,
    factory_name,
    consistency,
    test_conclusion,
    disposition,
    body_name,
    lab_name,
    quality.to_date(sampled_on) as sampled_on,
    quality.to_date(disposition_on) as disposition_on,
    quality.to_date(reported_on) as reported_on
from {{ source('cnca_validity_checks', 'cnca_validity_checks_accepted') }}
