-- Grain: one delivery that the credit archive has not taken in yet, as far as its rows have reached the warehouse: one
-- that landed during the build waits for the next. Order and limit make these look-ups.
select d.delivery_id
from {{ ref('stg_platform__deliveries') }} as d
where
    not exists (
        select 1
        from {{ ref('stg_platform__deliveries_read') }} as r
        where r.read_by = 'credit_archive_event' and r.delivery_id = d.delivery_id
    )
    and coalesce(
        (
            select true from {{ ref('int_subject_parties') }} as p
            where p.source_delivery_id = d.delivery_id
            order by p.source_row_no
            limit 1
        ),
        (
            select true from {{ ref('int_register_names') }} as n
            where n.source_delivery_id = d.delivery_id
            order by n.uscc
            limit 1
        ),
        (
            select true from {{ ref('int_case_events_versioned') }} as e
            where e.delivery_id = d.delivery_id
            order by e.row_no
            limit 1
        ),
        false
    )
