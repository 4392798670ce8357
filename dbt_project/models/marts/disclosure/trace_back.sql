-- Grain: one version of one published record, led back to the delivery, file and row it came from. A live view.
{{ config(materialized='view') }}
select
    r.record_id,
    r.version,
    r.op,
    r.channel,
    r.record_type,
    r.business_day,
    r.payload_sha256,
    d.delivery_id,
    r.source_row_no as row_no,
    d.source,
    d.submitter,
    d.uri,
    d.sha256,
    d.business_day as delivered_on,
    d.received_at
from {{ source('disclosure', 'record') }} as r
inner join {{ source('landing', 'delivery') }} as d on r.source_delivery_id = d.delivery_id
