-- Grain: channel × record type of the dispatch matrix, with its redaction profile in force on valid_day as known on
-- known_day, as disclosure.redact_payload reads it: field → kind → {action, replacement}. Of the rows that fit a field
-- and a kind, one that names the channel comes before one that names the record type before one for all.
with placed as (
    select distinct
        channel,
        record_type
    from {{ ref('dispatch') }}
),

latest as (
    select distinct on (p.channel, p.record_type, r.field, r.kind)
        p.channel,
        p.record_type,
        r.field,
        r.kind,
        r.action,
        r.replacement,
        r.status
    from placed as p
    inner join {{ ref('redaction_profile') }} as r
        on r.channel in (p.channel, '*') and r.record_type in (p.record_type, '*')
    cross join {{ ref('int_as_of_day') }} as d
    where
        r.status <> 'draft'
        and r.known_from <= d.known_day and d.known_day < r.known_to
        and r.valid_from <= d.valid_day and d.valid_day < r.valid_to
    order by
        p.channel asc,
        p.record_type asc,
        r.field asc,
        r.kind asc,
        (r.channel = '*') asc,
        (r.record_type = '*') asc,
        r.known_from desc
),

fields as (
    select
        channel,
        record_type,
        field,
        jsonb_object_agg(
            kind, jsonb_strip_nulls(jsonb_build_object('action', action, 'replacement', replacement))
        ) as kinds
    from latest
    where status = 'in_force'
    group by channel, record_type, field
)

select
    channel,
    record_type,
    jsonb_object_agg(field, kinds) as profile
from fields
group by channel, record_type
