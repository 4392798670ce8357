-- Grain: one accepted row of 特种设备检验 (a version of one report).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    report_no,
    device_code,
    use_certificate_no,
    device_kind,
    region_code,
    user_unit_name,
    user_unit_uscc,
    agency_name,
    agency_uscc,
    inspection_type,
    track,
    conclusion,
    use_state,
    case when report_version ~ '^[1-9][0-9]?$' then report_version::integer end as report_version,
    quality.to_date(inspected_on) as inspected_on,
    quality.to_date(reported_on) as reported_on,
    quality.to_date(next_due_on) as next_due_on
from {{ source('agency_inspections', 'agency_inspections_accepted') }}
