-- Grain: one delivery with a verdict of its own, loaded or blocked; known bytes (status duplicate) have none.
select
    delivery_id,
    source,
    submitter,
    status,
    business_day,
    received_rows,
    quarantined_rows,
    blocked_rows
from {{ source('landing', 'delivery') }}
where status in ('loaded', 'blocked')
