-- Conservation: received = accepted + quarantined + duplicate + blocked for every delivery whose rows were judged.
select
    d.delivery_id,
    d.received_rows,
    d.accepted_rows + d.quarantined_rows + d.duplicate_rows + d.blocked_rows as counted_rows
from {{ source('landing', 'delivery') }} as d
where
    d.status in ('loaded', 'blocked', 'duplicate')
    and d.received_rows is distinct from d.accepted_rows + d.quarantined_rows + d.duplicate_rows + d.blocked_rows
