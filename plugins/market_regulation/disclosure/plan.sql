-- What is to be done on the business day. Grain: one row per record with an operation (op) or with a reason why the
-- operation it is due for is not made (held_because); a record that is public as it should be has no row.
-- Sources: marts.disclosure_due/held/ended (what the law asks for), disclosure.record/receipt (what was done and
-- answered), disclosure.review (what a person said), disclosure.public_document. Withdrawals come first.
-- Rules: only subject and authority are immutable (domain.md A14); an objection withdraws (A11); an UPSERT after a
-- WITHDRAW or STOP needs a new legal basis, so it is never made here; content the receiver refused is not sent again.
with
answer as (
    select record_id, version, bool_or(verdict <> 'rejected') as accepted
    from disclosure.receipt
    group by record_id, version
),

history as (
    select
        r.record_id,
        max(r.version) as version,
        bool_or(coalesce(a.accepted, r.op = 'UPSERT')) as is_with_receiver,
        (array_agg(r.payload_sha256 order by r.version desc) filter (where a.accepted is distinct from false))[1]
            as standing_sha256,
        (array_agg(r.payload_sha256 order by r.version desc) filter (where not a.accepted))[1] as refused_sha256
    from disclosure.record as r
    left join answer as a using (record_id, version)
    group by r.record_id
),

known as (
    select
        r.*,
        h.is_with_receiver,
        h.standing_sha256,
        h.refused_sha256,
        r.op in ('UPSERT', 'CORRECT', 'RESUME') as is_public
    from history as h
    inner join disclosure.record as r using (record_id, version)
),

needed as (
    select
        coalesce(k.record_id, d.record_id) as record_id,
        case
            when e.record_id is not null and k.is_public then e.op
            when e.record_id is not null then null
            when d.record_id is null and k.is_public and h.record_id is null then 'WITHDRAW'
            when d.record_id is null and k.is_public and starts_with(h.held_reason, 'objection_') then 'WITHDRAW'
            when d.record_id is null then null
            when k.record_id is null then 'UPSERT'
            when not k.is_public then 'BLOCKED'
            when not k.is_with_receiver then case when d.payload_sha256 <> k.refused_sha256 then 'UPSERT' end
            when d.payload_sha256 in (k.payload_sha256, k.standing_sha256) then null
            when (d.subject_key, d.uscc) is distinct from (k.subject_key, k.uscc)
                or d.payload ->> 'authority_uscc' is distinct from p.public ->> 'authority_uscc' then 'WITHDRAW'
            else 'CORRECT'
        end as op,
        case
            when e.record_id is not null then e.reason_code
            when d.record_id is not null then 'wrong_subject'
            when h.record_id is not null then 'objection_accepted'
            else 'no_longer_due'
        end as ending_reason
    from marts.disclosure_due as d
    full join known as k on d.record_id = k.record_id
    left join marts.disclosure_ended as e on coalesce(k.record_id, d.record_id) = e.record_id
    left join marts.disclosure_held as h on coalesce(k.record_id, d.record_id) = h.record_id
    left join disclosure.payload as p
        on k.payload_sha256 = p.payload_sha256 and d.payload_sha256 <> k.payload_sha256
),

-- a new content carries the facts of the mart, an ending those of the version it ends
operation as (
    select
        n.record_id,
        n.op,
        coalesce(k.version, 0) + 1 as version,
        case n.op when 'UPSERT' then null when 'CORRECT' then 'content_changed' else n.ending_reason end as reason_code,
        coalesce(d.record_type, k.record_type) as record_type,
        coalesce(d.channel, k.channel) as channel,
        coalesce(d.subject_key, k.subject_key) as subject_key,
        case when d.record_id is null then k.uscc else d.uscc end as uscc,
        coalesce(d.source_delivery_id, k.source_delivery_id) as source_delivery_id,
        coalesce(d.source_row_no, k.source_row_no) as source_row_no,
        coalesce(d.rule_id, k.rule_id) as rule_id,
        case when d.record_id is null then k.regime_id else d.regime_id end as regime_id,
        coalesce(d.due_on, k.due_on) as due_on,
        case when d.record_id is null then k.publish_until else d.publish_until end as publish_until,
        coalesce(d.payload_sha256, k.payload_sha256) as payload_sha256,
        case when d.record_id is null then k.served_sha256 else d.served_sha256 end as served_sha256,
        d.payload,
        d.review_required,
        d.findings
    from needed as n
    left join known as k on n.record_id = k.record_id
    left join marts.disclosure_due as d on n.record_id = d.record_id and n.op in ('UPSERT', 'CORRECT', 'BLOCKED')
    where n.op is not null
),

judged as (
    select
        o.*,
        v.decided_by as approved_by,
        case
            when o.op = 'BLOCKED' then 'needs_new_legal_basis'
            when o.op not in ('UPSERT', 'CORRECT') then null
            when o.review_required and v.decision = 'refused' then 'review_refused'
            when o.review_required and v.decision is null
                then case when o.findings <> '' then 'redaction_review_open' else 'review_pending' end
            when exists (
                select from jsonb_array_elements(o.payload -> 'documents') as document
                where not exists (select from disclosure.public_document as l where l.sha256 = document ->> 'sha256')
            ) then 'document_not_stored'
        end as held_because
    from operation as o
    left join disclosure.review as v
        on o.record_id = v.record_key and o.payload_sha256 = v.payload_sha256 and o.version = v.version
)

select
    *,
    row_number() over (order by (held_because is not null), (op <> 'WITHDRAW'), due_on, record_id) as place
from judged
