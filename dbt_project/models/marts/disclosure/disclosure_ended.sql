-- Grain: one record that must not be public any more although it once was due: the fact fell away or its term ended.
-- What the ledger shows although nothing asks for it is found against the live ledger (disclosure/plan.sql).
-- Replaced in one transaction (delete and insert), so that readers and the live views on it never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['record_id'], 'unique': true}],
) }}
with ended_facts as (
    select
        o.*,
        case o.verdict
            when 'NA_revoked' then 'decision_revoked'
            when 'NA_retest_overturned' then 'retest_overturned'
            when 'NA_removed' then 'listing_removed'
            else 'term_ended'
        end as reason_code
    from {{ ref('int_obligations_judged') }} as o
    where o.standing = 'ended'
)

select
    e.record_id,
    e.channel,
    e.record_type,
    e.source_key,
    case when e.reason_code in ('term_ended', 'listing_removed') then 'STOP' else 'WITHDRAW' end as op,
    e.reason_code,
    e.publicity_months,
    e.restricted_until,
    e.source_delivery_id,
    e.source_row_no,
    e.valid_day,
    e.known_day
from ended_facts as e
