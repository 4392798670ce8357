-- Grain: one accepted row of the register (a version of one enterprise's period of one name and status).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    uscc,
    enterprise_name,
    {{ comparable_name('enterprise_name') }} as comparable_name,
    status,
    party_kind,
    region_code,
    quality.to_date(established_on) as established_on,
    quality.to_date(valid_from) as valid_from,
    coalesce(quality.to_date(valid_to), 'infinity'::date) as valid_to
from {{ source('registry_enterprises', 'registry_enterprises_accepted') }}
