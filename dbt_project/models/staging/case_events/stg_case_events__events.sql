-- Grain: one accepted row of case events. The fact's key is event_source_key, since source_key is the event's own.
select
    source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    event_id,
    event_source_key,
    event_type,
    document_no,
    recorded_on,
    quality.to_date(event_on) as event_on
from {{ source('case_events', 'case_events_accepted') }}
