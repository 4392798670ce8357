-- Grain: one record that is due or held or stands in the ledger, with the division of the authority behind its fact;
-- null where the fact names none by a code. A record keeps its authority, so any of its rows tells it.
with rows as (
    select record_id, source_delivery_id, source_row_no from {{ ref('disclosure_due') }}
    union
    select record_id, source_delivery_id, source_row_no from {{ ref('disclosure_held') }}
    union
    select record_id, source_delivery_id, source_row_no from {{ ref('stg_platform__records') }}
)

select
    r.record_id,
    max(
        coalesce(
            p.authority_region_code, s.authority_region_code, l.authority_region_code, c.authority_region_code
        )
    ) as region
from rows as r
left join {{ ref('fct_penalty') }} as p
    on r.source_delivery_id = p.source_delivery_id and r.source_row_no = p.source_row_no
left join {{ ref('fct_spot_check') }} as s
    on r.source_delivery_id = s.source_delivery_id and r.source_row_no = s.source_row_no
left join {{ ref('fct_serious_listing') }} as l
    on r.source_delivery_id = l.source_delivery_id and r.source_row_no = l.source_row_no
left join {{ ref('fct_supervision_check') }} as c
    on r.source_delivery_id = c.source_delivery_id and r.source_row_no = c.source_row_no
group by r.record_id
