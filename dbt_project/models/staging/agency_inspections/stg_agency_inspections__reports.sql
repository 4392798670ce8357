-- Grain: one accepted row of 特种设备检验 (a version of one report). The version is part of the row's key in landing, not of
-- the report's: a later one takes the place of an earlier one (domain 11 A19).
select
    agency_uscc || '|' || report_no as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    report_no,
    device_code,
    coalesce(device_code, agency_uscc || '|' || report_no) as device_key,
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
    case
        when quality.half_width(report_version) ~ '^[0-9]{1,2}$' then quality.half_width(report_version)::integer
    end as report_version,
    quality.to_date(inspected_on) as inspected_on,
    quality.to_date(reported_on) as reported_on,
    quality.to_date(next_due_on) as next_due_on
from {{ source('agency_inspections', 'agency_inspections_accepted') }}
