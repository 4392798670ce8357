-- Grain: version of an inspection report, as a statement about its device that holds until the next inspection.
select
    i.device_key as device_code,
    i.device_kind,
    i.use_certificate_no,
    i.region_code,
    i.user_unit_name,
    i.user_unit_uscc,
    i.use_state,
    i.inspected_on as valid_from,
    'infinity'::date as valid_to,
    i.known_from,
    i.known_to,
    i.delivery_id,
    i.row_no
from {{ ref('int_inspections_versioned') }} as i
where i.device_code is not null and i.inspected_on is not null
