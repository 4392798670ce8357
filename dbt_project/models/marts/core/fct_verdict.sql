-- Grain: subject × verdict rule × (valid_day, known_day). Incremental: each run replaces its own pair of days and keeps
-- the others, so that a day recomputed later can be compared with what was said then.
{{ config(
    materialized='incremental',
    unique_key=['valid_day', 'known_day'],
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['valid_day', 'known_day', 'rule_id', 'subject_key'], 'unique': true},
        {'columns': ['source_delivery_id', 'source_row_no']},
    ],
) }}
with judged as (
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
        i.subject_kind,
        i.source_key,
        i.rule_id,
        i.valid_day,
        i.known_day,
        i.verdict,
        i.reason,
        null as record_id,
        i.fact_on,
        i.uscc,
        null as subject_status,
        i.source_delivery_id,
        i.source_row_no
    from {{ ref('int_inspections_judged') }} as i
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
)

select
    j.source_key as subject_key,
    j.rule_id,
    j.valid_day,
    j.known_day,
    j.verdict,
    case when j.verdict like 'NA\_%' then substr(j.verdict, 4) else j.reason end as reason,
    j.subject_kind,
    j.record_id,
    j.fact_on,
    j.uscc,
    j.subject_status,
    j.source_delivery_id,
    j.source_row_no
from judged as j
