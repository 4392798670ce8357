-- Grain: one delivery that the credit archive has not taken in yet.
select d.delivery_id
from {{ ref('stg_platform__deliveries') }} as d
where
    not exists (
        select 1 from {{ ref('stg_platform__archive_deliveries_read') }} as r where r.delivery_id = d.delivery_id
    )
