-- Grain: one version of one record in the ledger, with the receiver's last answer to it. A live view.
{{ config(materialized='view') }}
select
    r.record_id,
    r.version,
    r.op,
    r.reason_code,
    r.channel,
    r.record_type,
    r.subject_key,
    r.uscc,
    r.rule_id,
    r.regime_id,
    r.replaces_record_id,
    r.due_on,
    r.publish_until,
    r.business_day as recorded_on,
    answer.verdict,
    answer.business_day as answered_on,
    answer.published_on,
    r.source_delivery_id,
    r.source_row_no,
    p.place_region_code,
    p.registration_region_code,
    p.authority_region_code
from {{ source('disclosure', 'record') }} as r
left join {{ ref('int_obligations_placed') }} as p on r.record_id = p.record_id
left join lateral (
    select a.*
    from {{ source('disclosure', 'receipt') }} as a
    where a.record_id = r.record_id and a.version = r.version
    order by a.receipt_id desc
    limit 1
) as answer on true
where {{ in_readers_region(['p.place_region_code', 'p.registration_region_code', 'p.authority_region_code']) }}
