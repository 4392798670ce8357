-- Grain: one record of the ledger, with the day and the source row of its newest content, as known on known_day.
select distinct on (r.record_id)
    r.record_id,
    r.business_day as content_on,
    r.source_delivery_id,
    r.source_row_no
from {{ ref('stg_platform__records') }} as r
cross join {{ ref('int_as_of_day') }} as d
where r.op in ('UPSERT', 'CORRECT', 'RESUME') and r.business_day <= d.known_day
order by r.record_id asc, r.version desc
