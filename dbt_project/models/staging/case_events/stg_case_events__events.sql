-- Grain: one accepted row of case events. The fact's key is event_source_key, source_key is the event's own
-- (quality.case_events_accepted calls it row_key, because source_key there is the contract's column).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    event_id,
    source_key as event_source_key,
    event_type,
    document_no,
    recorded_on,
    quality.to_date(event_on) as event_on
from {{ source('case_events', 'case_events_accepted') }}
