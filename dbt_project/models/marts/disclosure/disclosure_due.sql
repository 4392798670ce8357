-- Grain: one record that must be public as of the day, subject to its review.
-- Replaced in one transaction (delete and insert), so that readers and the live views on it never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['record_id'], 'unique': true}],
) }}
select
    o.record_id,
    o.channel,
    o.record_type,
    o.source_key,
    o.subject_key,
    o.uscc,
    o.subject_name,
    o.rule_id,
    o.regime_id,
    o.due_on,
    due.is_provisional as due_is_provisional,
    case
        when o.clock_start = 'decided_on'
            then greatest((o.fact_on + make_interval(months => o.publicity_months))::date, o.restricted_until)
    end as publish_until,
    o.publicity_months,
    o.restricted_until,
    o.review_required,
    p.payload,
    disclosure.payload_sha256(p.payload) as payload_sha256,
    o.document_sha256 as served_sha256,
    o.document_sha256,
    o.handling_office,
    o.source_delivery_id,
    o.source_row_no,
    o.valid_day,
    o.known_day
from {{ ref('int_obligations_judged') }} as o
inner join {{ ref('int_penalties_published') }} as p on o.source_key = p.source_key
left join {{ ref('dim_date') }} as due on o.due_on = due.date_day
where o.verdict = 'FAIL'
