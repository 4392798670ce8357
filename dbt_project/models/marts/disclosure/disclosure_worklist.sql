-- Grain: one obligation that is or may become due and is not settled, or is settled and needs a person's look; one line
-- per channel and open quarantined row of a disclosable source (its due day is provisional); one per record that the
-- public copy showed without us at the last comparison (never withdrawn by itself), with the highest alarm.
-- A view over the live obligations and the day's marts; days left count from the business day. A rejected row has no
-- region, for what it says of one is in doubt; nor has a record that no fact of ours asks for.
{{ config(materialized='view') }}
with open_obligations as (
    select
        o.record_id,
        o.channel,
        coalesce(d.record_type, h.record_type) as record_type,
        coalesce(d.source_key, h.source_key) as source_key,
        o.state,
        coalesce(o.held_reason, x.error_code, o.open_change, d.attention) as reason,
        case
            when o.held_reason in ('review_pending', 'redaction_review_open', 'review_refused')
                then coalesce(v.decided_by, 'checker')
            else coalesce(h.owner, d.handling_office)
        end as owner,
        coalesce(o.ending_due_on, o.due_on) as due_on,
        o.due_is_provisional,
        y.business_day as known_on
    from {{ ref('int_obligations_now') }} as o
    left join {{ ref('disclosure_due') }} as d on o.record_id = d.record_id
    left join {{ ref('disclosure_held') }} as h on o.record_id = h.record_id
    left join {{ source('landing', 'delivery') }} as y
        on coalesce(d.source_delivery_id, h.source_delivery_id) = y.delivery_id
    left join lateral (
        select r.decided_by
        from {{ source('disclosure', 'review') }} as r
        where r.record_key = d.record_id and r.payload_sha256 = d.payload_sha256
        order by r.version desc
        limit 1
    ) as v on true
    left join {{ source('disclosure', 'outbox') }} as x on o.record_id = x.record_id and x.state = 'rejected'
    where
        o.state in ('DUE', 'HELD', 'SENT', 'REJECTED', 'SUSPENDED', 'ENDING')
        or o.open_change is not null
        or d.attention is not null
),

open_rows as (
    select
        'row:' || q.delivery_id || ':' || q.row_no || ':' || q.channel as item,
        q.channel,
        q.record_type,
        q.source_key,
        array_to_string(q.rule_ids, ', ') as reason,
        q.submitter as owner,
        q.due_on
    from {{ ref('int_quarantined_obligations') }} as q
),

unexplained as (
    select
        'extra:' || c.channel || ':' || c.record_id as item,
        c.record_id,
        c.channel
    from {{ source('disclosure', 'reconciliation') }} as c
    where
        c.result = 'extra'
        and c.business_day = (
            select max(l.business_day) from {{ source('disclosure', 'reconciliation') }} as l
            where l.channel = c.channel
        )
),

items as (
    select
        w.record_id as item,
        w.*
    from open_obligations as w
    union all
    select
        r.item,
        null as record_id,
        r.channel,
        r.record_type,
        r.source_key,
        'QUARANTINED' as state,
        r.reason,
        r.owner,
        r.due_on,
        true as due_is_provisional,
        null as known_on
    from open_rows as r
    union all
    select
        u.item,
        u.record_id,
        u.channel,
        null as record_type,
        null as source_key,
        'EXTRA' as state,
        'public copy shows a record that the ledger does not' as reason,
        'data_office' as owner,
        null as due_on,
        false as due_is_provisional,
        null as known_on
    from unexplained as u
)

select
    i.item,
    i.record_id,
    i.channel,
    i.record_type,
    i.source_key,
    i.state,
    i.reason,
    i.owner,
    i.due_on,
    i.due_is_provisional,
    i.known_on,
    due.working_day_no - today.working_day_no as working_days_left,
    case
        when i.state = 'EXTRA' then 'critical'
        when due.working_day_no < today.working_day_no then 'overdue'
        when due.working_day_no - today.working_day_no <= 2 then 'soon'
        else 'none'
    end as alarm,
    p.place_region_code,
    p.registration_region_code,
    p.authority_region_code
from items as i
cross join {{ source('control', 'business_day') }} as b
left join {{ ref('dim_date') }} as due on i.due_on = due.date_day
left join {{ ref('dim_date') }} as today on b.business_day = today.date_day
left join {{ ref('int_obligations_placed') }} as p on i.record_id = p.record_id
where {{ in_readers_region(['p.place_region_code', 'p.registration_region_code', 'p.authority_region_code']) }}
