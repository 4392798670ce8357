-- Grain: one ledger row, that is one version of one record.
select
    record_id,
    version,
    op,
    channel,
    record_type,
    replaces_record_id,
    source_delivery_id,
    source_row_no,
    business_day
from {{ source('disclosure', 'record') }}
