-- Grain: subject × verdict rule × pair of days that was judged. Inlined into each view that reads it, so that renewing
-- one view never takes another away: it stands on tables that stay in place.
{{ config(materialized='ephemeral') }}
with judged as (
    select
        v.subject_kind,
        v.source_key,
        v.rule_id,
        v.valid_day,
        v.known_day,
        v.verdict,
        v.reason,
        v.record_id,
        v.fact_on,
        v.uscc,
        v.subject_status,
        v.source_delivery_id,
        v.source_row_no
    from {{ ref('int_daily_verdicts') }} as v
    inner join {{ ref('int_judged_days') }} as d on v.valid_day = d.valid_day and v.known_day = d.known_day
    union all
    select
        'inspection' as subject_kind,
        i.source_key,
        i.rule_id,
        d.valid_day,
        d.known_day,
        i.verdict,
        i.reason,
        null as record_id,
        i.fact_on,
        i.uscc,
        null as subject_status,
        i.source_delivery_id,
        i.source_row_no
    from {{ ref('int_inspections_judged') }} as i
    inner join {{ ref('int_judged_days') }} as d
        on
            i.valid_from <= d.valid_day and d.valid_day < i.valid_to
            and i.known_from <= d.known_day and d.known_day < i.known_to
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
