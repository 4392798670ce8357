-- Grain: one answer of a receiver to one version of one record.
select
    receipt_id,
    record_id,
    version,
    verdict,
    published_on,
    business_day
from {{ source('disclosure', 'receipt') }}
