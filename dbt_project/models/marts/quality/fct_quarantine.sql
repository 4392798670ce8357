-- Grain: one rejected row, without what it says. Live: a row that is put right is seen so at once.
{{ config(materialized='view') }}
select
    delivery_id,
    row_no,
    source,
    submitter,
    business_day,
    rule_ids,
    reasons,
    warned_ids,
    state,
    resolved_by_delivery_id,
    resolved_on,
    withdrawn_by_delivery_id,
    age_days,
    age_working_days
from {{ ref('int_quarantine_now') }}
