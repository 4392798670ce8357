-- Grain: one accepted row of supervision checks (a version of one check of one unit).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    check_no,
    kind,
    programme,
    authority_name,
    authority_uscc,
    handling_office,
    party_name,
    party_uscc,
    party_region_code,
    result,
    conclusion,
    quality.to_date(checked_on) as checked_on,
    quality.to_date(corrected_on) as corrected_on,
    quality.to_date(reported_on) as reported_on
from {{ source('amr_supervision_checks', 'amr_supervision_checks_accepted') }}
