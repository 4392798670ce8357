-- Grain: one party that nobody could resolve and nobody decided on, as known now, with what the register offers for it.
-- Live, on the rows of subject_resolution that its reader may see: a decision leaves the queue with the next build.
{{ config(materialized='view', meta={'region_columns': ['region_code']}) }}
select
    fact_kind,
    source_key,
    role,
    party_name,
    party_uscc,
    region_code,
    fact_on,
    status,
    reason,
    coalesce(candidates, '[]'::jsonb) as candidates,
    known_from as waiting_since
from {{ ref('subject_resolution') }}
where known_to = 'infinity' and status in ('held', 'unresolved') and decision_id is null
