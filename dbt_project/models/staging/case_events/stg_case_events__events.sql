-- Grain: one accepted row of case events. The fact's key is event_source_key, source_key is the event's own
-- (quality.case_events_accepted calls it row_key, because source_key there is the contract's column).
-- The fact's key is read as the fact's own source is read: codes without blanks in upper case, brackets of 文号 as 〔〕,
-- the role of a sample's party in lower case. A department's name, too, is read as a code here, for want of its source.
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    event_id,
    event_type,
    document_no,
    recorded_on,
    quality.to_date(event_on) as event_on,
    case
        when source_key like '%|%|%'
            then concat_ws(
                '|',
                quality.document_no(split_part(source_key, '|', 1)),
                quality.clean_code(split_part(source_key, '|', 2)),
                quality.clean_code(split_part(source_key, '|', 3))
            )
        when quality.clean_code(split_part(source_key, '|', 2)) in ('PRODUCER', 'SELLER')
            then concat_ws(
                '|',
                quality.clean_code(split_part(source_key, '|', 1)),
                lower(quality.clean_code(split_part(source_key, '|', 2)))
            )
        else quality.clean_code(source_key)
    end as event_source_key
from {{ source('case_events', 'case_events_accepted') }}
