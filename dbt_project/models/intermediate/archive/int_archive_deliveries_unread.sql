-- Grain: one delivery that the credit archive has not taken in yet.
select d.delivery_id
from {{ ref('stg_platform__deliveries') }} as d
where
    not exists (
        select 1
        from {{ ref('stg_platform__deliveries_read') }} as r
        where r.read_by = 'credit_archive_event' and r.delivery_id = d.delivery_id
    )
