-- Grain: one delivery whose rows were judged.
select
    delivery_id,
    source,
    submitter,
    status,
    business_day,
    received_rows,
    accepted_rows,
    quarantined_rows,
    duplicate_rows,
    blocked_rows
from {{ source('landing', 'delivery') }}
where status = 'loaded'
