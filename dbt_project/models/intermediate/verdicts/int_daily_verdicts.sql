-- Grain: disclosable fact or CCC sample × verdict rule × pair of days (valid_day, known_day). Each build replaces its
-- own pair and keeps the others, for what is asked of a fact depends on the ledger, too. Inspections need no such copy:
-- their verdicts follow from what was known, and int_inspections_judged keeps that.
{{ config(
    materialized='incremental',
    unique_key=['valid_day', 'known_day'],
    incremental_strategy='delete+insert',
    full_refresh=false,
    indexes=[
        {'columns': ['valid_day', 'known_day', 'rule_id', 'source_key'], 'unique': true},
        {'columns': ['source_delivery_id', 'source_row_no']},
    ],
) }}
select
    o.subject_kind,
    o.source_key,
    o.rule_id,
    o.valid_day,
    o.known_day,
    o.verdict,
    case when o.verdict = 'HELD' then o.hold_reason end as reason,
    o.record_id,
    o.fact_on,
    o.uscc,
    o.subject_status,
    o.source_delivery_id,
    o.source_row_no
from {{ ref('int_obligations_judged') }} as o
union all
select
    c.subject_kind,
    c.source_key,
    c.rule_id,
    c.valid_day,
    c.known_day,
    c.verdict,
    c.reason,
    null as record_id,
    c.fact_on,
    c.uscc,
    null as subject_status,
    c.source_delivery_id,
    c.source_row_no
from {{ ref('int_ccc_checks_judged') }} as c
