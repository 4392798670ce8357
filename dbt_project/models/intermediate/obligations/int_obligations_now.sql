-- Grain: one obligation to publish, with where it stands this moment: what dbt found due, held or ended, against the
-- live ledger, outbox, reviews and receipts. Inlined into each live view, so that rebuilding one never drops another;
-- for the same reason it stands on the platform's own tables and on marts that are replaced in place.
{{ config(materialized='ephemeral') }}
with ledger as (
    select distinct on (r.record_id)
        r.record_id,
        r.version,
        r.channel,
        r.op,
        r.payload_sha256,
        r.due_on,
        -- the due day of a publication is that of its newest content, not of what ended it
        (
            array_agg(r.due_on) filter (where r.op in ('UPSERT', 'CORRECT', 'RESUME')) over (
                partition by r.record_id
                order by r.version desc rows between unbounded preceding and unbounded following
            )
        )[1] as content_due_on,
        r.publish_until,
        r.regime_id
    from {{ source('disclosure', 'record') }} as r
    order by r.record_id asc, r.version desc
),

published as (
    select
        r.record_id,
        min(t.published_on) as published_on
    from {{ source('disclosure', 'receipt') }} as t
    inner join {{ source('disclosure', 'record') }} as r on t.record_id = r.record_id and t.version = r.version
    where t.verdict in ('accepted', 'duplicate') and r.op in ('UPSERT', 'CORRECT', 'RESUME', 'SUSPEND')
    group by r.record_id
),

replaced as (
    select distinct r.replaces_record_id as record_id
    from {{ source('disclosure', 'record') }} as r
    where r.replaces_record_id is not null
),

records as (
    select l.record_id from ledger as l
    union
    select d.record_id from {{ ref('disclosure_due') }} as d
    union
    select h.record_id from {{ ref('disclosure_held') }} as h
),

standing as (
    select
        k.record_id,
        coalesce(d.channel, h.channel, l.channel) as channel,
        case
            when h.record_id is not null and coalesce(l.op, 'NONE') not in ('UPSERT', 'CORRECT', 'RESUME') then h.due_on
            else coalesce(d.due_on, l.content_due_on, h.due_on, l.due_on)
        end as due_on,
        coalesce(d.due_is_provisional, h.due_is_provisional, false) as due_is_provisional,
        p.published_on,
        coalesce(
            d.publish_until,
            l.publish_until,
            greatest(
                (p.published_on + make_interval(months => coalesce(d.publicity_months, e.publicity_months)))::date,
                coalesce(d.restricted_until, e.restricted_until)
            )
        ) as publish_until,
        coalesce(l.regime_id, d.regime_id) as regime_id,
        case
            when d.review_required and v.decision = 'refused' then 'review_refused'
            when d.review_required and coalesce(v.decision, 'none') <> 'approved'
                then case when d.findings <> '' then 'redaction_review_open' else 'review_pending' end
            when l.op in ('WITHDRAW', 'STOP') and d.record_id is not null and n.record_id is null
                then 'needs_new_legal_basis'
            else h.held_reason
        end as held_reason,
        case when d.review_required then v.asked_on else h.held_since end as held_since,
        h.look_again_on,
        coalesce(l.op, 'NONE') as last_op,
        l.payload_sha256 <> d.payload_sha256 as has_open_change,
        l.due_on as ending_due_on,
        o.state as outbox_state
    from records as k
    left join ledger as l on k.record_id = l.record_id
    left join published as p on k.record_id = p.record_id
    left join {{ ref('disclosure_due') }} as d on k.record_id = d.record_id
    left join {{ ref('disclosure_held') }} as h on k.record_id = h.record_id
    left join {{ ref('disclosure_ended') }} as e on k.record_id = e.record_id
    left join {{ source('disclosure', 'outbox') }} as o on l.record_id = o.record_id and l.version = o.version
    left join replaced as n on k.record_id = n.record_id
    left join {{ source('disclosure', 'review') }} as v
        on
            d.record_id = v.record_key and d.payload_sha256 = v.payload_sha256
            and coalesce(l.version, 0) + 1 = v.version
),

states as (
    select
        s.*,
        case
            when s.outbox_state = 'rejected' then 'REJECTED'
            when s.last_op in ('WITHDRAW', 'STOP', 'SUSPEND') and s.outbox_state is not null then 'ENDING'
            when s.last_op in ('NONE', 'WITHDRAW', 'STOP') and s.held_reason is not null then 'HELD'
            when s.last_op = 'STOP' then 'STOPPED'
            when s.last_op = 'NONE' then 'DUE'
            when s.last_op = 'WITHDRAW' then 'WITHDRAWN'
            when s.last_op = 'SUSPEND' then 'SUSPENDED'
            when s.published_on is not null then 'PUBLISHED'
            when s.outbox_state = 'queued' then 'DUE'
            else 'SENT'
        end as state
    from standing as s
)

select
    s.record_id,
    s.channel,
    s.state,
    s.due_on,
    s.due_is_provisional,
    s.published_on,
    s.publish_until,
    s.regime_id,
    case when s.state = 'HELD' then s.held_reason end as held_reason,
    case when s.state = 'PUBLISHED' and s.has_open_change then coalesce(s.held_reason, 'correction_not_sent') end
        as open_change,
    case when s.state = 'ENDING' then s.ending_due_on end as ending_due_on,
    case when s.state = 'HELD' then s.held_since end as held_since,
    case when s.state = 'HELD' then s.look_again_on end as look_again_on
from states as s
