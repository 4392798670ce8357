-- Grain: kind of fact × role × whether its party was resolved × division: how many facts stand in an archive and how
-- many do not, and why. A view over the events, like credit_archive.
{{ config(materialized='view') }}
select
    e.fact_kind,
    e.role,
    e.subject_status,
    e.region_code,
    count(distinct e.source_key) as facts
from {{ ref('credit_archive_event') }} as e
group by e.fact_kind, e.role, e.subject_status, e.region_code
