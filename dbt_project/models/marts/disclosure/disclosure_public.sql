-- Grain: one record that the public can see: its newest version that the receiver took is no withdrawal and no stop.
-- A view over the live ledger and receipts.
{{ config(materialized='view') }}
with taken as (
    select distinct on (r.record_id)
        r.*
    from {{ source('disclosure', 'record') }} as r
    inner join {{ source('disclosure', 'receipt') }} as t on r.record_id = t.record_id and r.version = t.version
    where t.verdict in ('accepted', 'duplicate')
    order by r.record_id asc, r.version desc
)

select
    t.record_id,
    t.version,
    t.channel,
    t.record_type,
    t.subject_key,
    t.uscc,
    t.rule_id,
    t.regime_id,
    t.due_on,
    o.published_on,
    o.publish_until,
    t.payload_sha256,
    p.public as payload,
    t.source_delivery_id,
    t.source_row_no
from taken as t
inner join {{ source('disclosure', 'payload') }} as p on t.payload_sha256 = p.payload_sha256
inner join {{ ref('int_obligations_now') }} as o on t.record_id = o.record_id
where t.op not in ('WITHDRAW', 'STOP', 'SUSPEND')
