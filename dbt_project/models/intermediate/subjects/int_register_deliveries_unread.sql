-- Grain: one delivery of the register whose names the resolution of subjects has not taken in yet.
select d.delivery_id
from {{ ref('stg_platform__deliveries') }} as d
where
    d.source = 'registry_enterprises'
    and not exists (
        select 1
        from {{ ref('stg_platform__deliveries_read') }} as r
        where r.read_by = 'subject_resolution' and r.delivery_id = d.delivery_id
    )
    and coalesce(
        (
            select true from {{ ref('int_register_names') }} as n
            where n.source_delivery_id = d.delivery_id
            order by n.uscc
            limit 1
        ),
        false
    )
