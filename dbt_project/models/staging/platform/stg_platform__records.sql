-- Grain: one ledger row, that is one version of one record.
select
    record_id,
    version,
    op
from {{ source('disclosure', 'record') }}
