-- Grain: one decision of a steward on who a party is.
select
    decision_id,
    fact_kind,
    source_key,
    role,
    {{ comparable_name('party_name') }} as comparable_name,
    uscc,
    reason,
    decided_by,
    known_from
from {{ source('quality', 'subject_decision') }}
