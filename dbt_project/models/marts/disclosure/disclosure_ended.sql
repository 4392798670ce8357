-- Grain: one record that must not be public any more although it once was due: the fact fell away, a stop was granted,
-- its term ended or the rules that covered it were repealed (only of what the ledger has). ending_reason says which
-- operation that is, by when it must be done and what the public is told. What the ledger shows although nothing asks
-- for it is found against the live ledger (disclosure/plan.sql).
-- Replaced in one transaction (delete and insert), so that readers and the live views on it never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
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
    o.rule_id,
    reason.op,
    o.reason_code,
    reason.title as shown_reason,
    o.reason_on as ended_on,
    case
        when
            reason.deadline_working_days > 0
            then {{ working_day_after('o.reason_on', 'reason.deadline_working_days') }}
        else o.reason_on
    end as due_on,
    o.regime_id,
    o.regime_selector,
    o.regime_valid_from,
    o.publish_until,
    o.publicity_months,
    o.restricted_until,
    o.source_delivery_id,
    o.source_row_no,
    o.valid_day,
    o.known_day,
    o.place_region_code,
    o.registration_region_code,
    o.authority_region_code
from {{ ref('int_obligations_judged') }} as o
left join {{ in_force('ending_reason', 'o.valid_day', "rule_row.reason_code = o.reason_code") }} as reason on true
where o.standing = 'ended'
