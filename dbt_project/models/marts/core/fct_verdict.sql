-- Grain: subject × verdict rule × (valid_day, known_day), for every pair of days that was judged, so that a day
-- recomputed later can be compared with what was said then. A view: verdicts on inspections are kept by the days for
-- which they hold, not copied each day. Name the pair of days, the subject or the delivery in the query.
{{ config(materialized='view') }}
select
    subject_key,
    rule_id,
    valid_day,
    known_day,
    verdict,
    reason,
    subject_kind,
    record_id,
    fact_on,
    uscc,
    subject_status,
    source_delivery_id,
    source_row_no
from {{ ref('int_verdicts_of_days') }}
