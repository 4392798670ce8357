-- What is to be done on the business day. Grain: one row per operation, or per record with a reason why the operation
-- it is due for is not made (held_because); a record that is public as it should be has no row.
-- Sources: marts.disclosure_due/held/ended (what the law asks for), disclosure.record/receipt (what was done and
-- answered), disclosure.review (what a person said), disclosure.public_document. Withdrawals come first.
-- Rules: subject and authority are immutable (domain.md A14): a wrong one is withdrawn and a new record takes its place
-- (replaces_record_id); what is not final withdraws, a stay suspends (A11, A13: hold_reason.when_public), and what no
-- sender ever took is called back whatever holds it; an UPSERT
-- after a WITHDRAW needs a new legal basis (ending_reason.returns_as), after a STOP it is never made; content the
-- receiver refused is not sent again; what a change of the rules does to public records goes out as one reviewed batch
-- per channel and day of the change: another term that reaches back, or no rule any more (ending_reason.rule_repealed).
with recursive
link as (
    select distinct replaces_record_id as record_id, record_id as successor_id
    from disclosure.record
    where replaces_record_id is not null
),

chain as (
    select record_id, successor_id, 1 as steps from link
    union all
    select c.record_id, l.successor_id, c.steps + 1
    from chain as c
    inner join link as l on c.successor_id = l.record_id
),

current as (
    select distinct on (record_id) record_id, successor_id from chain order by record_id, steps desc
),

due as (
    select coalesce(c.successor_id, d.record_id) as id, d.*
    from marts.disclosure_due as d
    left join current as c on d.record_id = c.record_id
),

held as (
    select coalesce(c.successor_id, h.record_id) as id, h.*
    from marts.disclosure_held as h
    left join current as c on h.record_id = c.record_id
),

ended as (
    select coalesce(c.successor_id, e.record_id) as id, e.*
    from marts.disclosure_ended as e
    left join current as c on e.record_id = c.record_id
),

today as (
    select max(valid_day) as day
    from (
        select valid_day from marts.disclosure_due
        union all
        select valid_day from marts.disclosure_held
        union all
        select valid_day from marts.disclosure_ended
        union all
        select business_day from control.business_day
        where not exists (select from marts.disclosure_due)
    ) as days (valid_day)
),

-- a version that is under way is not answered yet, whatever was said of an earlier try; one that has left the outbox
-- without an answer was cancelled before any receiver took it
answer as (
    select
        r.record_id,
        r.version,
        case
            when bool_or(t.verdict <> 'rejected') then true
            when bool_or(o.state in ('queued', 'unknown', 'sent')) is not true then bool_or(t.verdict <> 'rejected')
        end as accepted,
        bool_and(t.record_id is null and o.record_id is null) as is_cancelled,
        bool_or(t.error_code = 'E205') is true as is_untimely,
        bool_or(o.state in ('unknown', 'sent')) is true as is_with_sender,
        bool_or(o.refusals > 0) is true as is_turned_away
    from disclosure.record as r
    left join disclosure.receipt as t using (record_id, version)
    left join disclosure.outbox as o using (record_id, version)
    group by r.record_id, r.version
),

-- of each record: the newest version, the newest that was neither refused nor cancelled (it stands, if anything before it or itself can
-- be shown: a change of what was refused is none), the newest refused content, the operation answered last, if it came
-- at the wrong time (then nothing is said of its content), whether any sender ever had it, and whether the batches that
-- carried it were refused (a new content then is a first one, and does not wait for it)
history as (
    select
        r.record_id,
        max(r.version) as version,
        (array_agg(r.op order by r.version desc))[1] as last_op,
        max(r.version) filter (where a.accepted is distinct from false and not a.is_cancelled) as standing_version,
        min(r.version) filter (
            where a.accepted or (a.accepted is null and not a.is_cancelled and r.op = 'UPSERT')
        ) as base_version,
        (array_agg(r.payload_sha256 order by r.version desc) filter (where not a.accepted and not a.is_untimely))[1]
            as refused_sha256,
        (
            array_agg(
                case when not a.accepted and a.is_untimely then concat_ws(',', r.op, r.reason_code, r.payload_sha256) end
                order by r.version desc
            ) filter (where a.accepted is not null)
        )[1] as untimely,
        bool_or(a.accepted) is not true and not bool_or(a.is_with_sender) as was_never_taken,
        bool_or(a.is_turned_away) as was_turned_away
    from disclosure.record as r
    inner join answer as a using (record_id, version)
    group by r.record_id
),

known as (
    select
        h.record_id as id,
        h.version as last_version,
        h.last_op,
        h.refused_sha256,
        h.untimely,
        s.op as standing_op,
        coalesce(s.op in ('UPSERT', 'CORRECT', 'RESUME', 'SUSPEND'), false) as is_live,
        h.was_never_taken,
        h.was_turned_away,
        reason.returns_as,
        l.record_type, l.channel, l.subject_key, l.uscc, l.source_delivery_id, l.source_row_no, l.rule_id, l.regime_id,
        l.due_on, l.publish_until, l.served_sha256,
        s.reason_code as standing_reason,
        s.payload_sha256 as standing_sha256,
        s.subject_key as standing_subject,
        s.uscc as standing_uscc,
        s.regime_id as standing_regime,
        coalesce(s.payload_sha256, l.payload_sha256) as payload_sha256
    from history as h
    inner join disclosure.record as l on h.record_id = l.record_id and h.version = l.version
    left join disclosure.record as s
        on h.record_id = s.record_id and h.standing_version = s.version and h.base_version <= h.standing_version
    left join lateral (
        select e.returns_as
        from rules.ending_reason as e
        where e.reason_code = s.reason_code and s.op = 'WITHDRAW' and e.status = 'in_force' and e.known_to = 'infinity'
        order by e.known_from desc
        limit 1
    ) as reason on true
),

compared as (
    select
        coalesce(k.id, d.id) as id,
        coalesce(
            (d.subject_key, d.uscc) is distinct from (k.standing_subject, k.standing_uscc)
            or coalesce(d.payload ->> 'authority_uscc', d.payload ->> 'CF_CFJGDM')
                is distinct from coalesce(p.public ->> 'authority_uscc', p.public ->> 'CF_CFJGDM')
            or (
                d.uscc is null
                and coalesce(d.payload ->> 'party_name', d.payload ->> 'subject_name', d.payload ->> 'CF_XDR_MC')
                    is distinct from
                    coalesce(p.public ->> 'party_name', p.public ->> 'subject_name', p.public ->> 'CF_XDR_MC')
            ),
            false
        ) and p.payload_sha256 is not null as is_other_subject
    from due as d
    full join known as k on d.id = k.id
    left join disclosure.payload as p
        on k.standing_sha256 = p.payload_sha256 and d.payload_sha256 <> k.standing_sha256
),

needed as (
    select
        c.id,
        case
            when k.was_never_taken and d.id is null and (e.id is not null or h.id is not null)
                then case when k.last_op <> 'WITHDRAW' then 'WITHDRAW' end
            when e.id is not null then case when k.is_live and k.last_op <> e.op then e.op end
            when d.id is null and h.id is null then case when k.is_live and k.last_op <> 'WITHDRAW' then 'WITHDRAW' end
            when d.id is null and h.when_public = 'WITHDRAW'
                then case when k.is_live and k.last_op <> 'WITHDRAW' then 'WITHDRAW' end
            when d.id is null and h.subject_key is distinct from k.standing_subject
                then case when k.is_live and k.last_op <> 'WITHDRAW' then 'WITHDRAW' end
            when d.id is null and h.when_public = 'SUSPEND'
                then case when k.is_live and 'SUSPEND' not in (k.standing_op, k.last_op) then 'SUSPEND' end
            when d.id is null then null
            when k.id is null then 'UPSERT'
            when d.payload_sha256 = k.refused_sha256 then null
            when k.standing_op is null then 'UPSERT'
            when k.standing_op = 'WITHDRAW' and k.standing_reason = 'wrong_subject' then null
            when k.standing_op = 'WITHDRAW' and k.returns_as is not null then 'UPSERT'
            when not k.is_live then 'BLOCKED'
            when c.is_other_subject then case when k.last_op <> 'WITHDRAW' then 'WITHDRAW' end
            when k.standing_op = 'SUSPEND' then 'RESUME'
            when d.payload_sha256 = k.standing_sha256 then null
            when k.was_never_taken and k.was_turned_away then 'UPSERT'
            else 'CORRECT'
        end as op,
        case
            when
                k.was_never_taken and d.id is null
                and (h.id is not null or e.op = 'STOP' or e.reason_code = 'rule_repealed')
                then 'not_shown'
            when e.id is not null then e.reason_code
            when d.id is null and h.when_public = 'WITHDRAW' then 'objection_accepted'
            when d.id is null and h.subject_key is distinct from k.standing_subject and h.id is not null
                then 'wrong_subject'
            when d.id is null and h.when_public = 'SUSPEND' then 'stay_ordered'
            when d.id is null and h.id is null then 'no_longer_due'
            when k.standing_op = 'SUSPEND' and not c.is_other_subject then 'stay_lifted'
            when k.standing_op = 'WITHDRAW' then k.returns_as
            when c.is_other_subject then 'wrong_subject'
            when k.id is not null then 'content_changed'
        end as reason_code,
        d.id is not null and e.id is null and (
            c.is_other_subject and k.is_live
            or k.standing_op = 'WITHDRAW' and k.standing_reason = 'wrong_subject'
        ) as is_replaced,
        coalesce(e.due_on, t.day) as ending_due_on,
        coalesce(e.regime_selector, d.regime_selector) as regime_selector,
        case when e.reason_code = 'rule_repealed' then e.ended_on else coalesce(e.regime_valid_from, d.regime_valid_from) end
            as rules_changed_on,
        coalesce(e.regime_id, d.regime_id) as new_regime_id,
        coalesce(e.publish_until, d.publish_until) as new_publish_until
    from compared as c
    cross join today as t
    left join known as k on c.id = k.id
    left join due as d on c.id = d.id
    left join held as h on c.id = h.id
    left join ended as e on c.id = e.id
),

-- a new content carries the facts of the mart, an ending those of the version it ends
operation as (
    select
        n.id as record_id,
        n.op,
        coalesce(k.last_version, 0) + 1 as version,
        case when n.op <> 'UPSERT' or k.standing_op is not null then n.reason_code end as reason_code,
        coalesce(d.record_type, k.record_type) as record_type,
        coalesce(d.channel, k.channel) as channel,
        coalesce(d.subject_key, k.subject_key) as subject_key,
        case when d.id is null then k.uscc else d.uscc end as uscc,
        coalesce(d.source_delivery_id, k.source_delivery_id) as source_delivery_id,
        coalesce(d.source_row_no, k.source_row_no) as source_row_no,
        coalesce(d.rule_id, k.rule_id) as rule_id,
        case when d.id is null then k.regime_id else d.regime_id end as regime_id,
        case when n.op in ('WITHDRAW', 'STOP', 'SUSPEND') then n.ending_due_on else coalesce(d.due_on, k.due_on) end
            as due_on,
        case when d.id is null then k.publish_until else d.publish_until end as publish_until,
        coalesce(d.payload_sha256, k.payload_sha256) as payload_sha256,
        case when d.id is null then k.served_sha256 else d.served_sha256 end as served_sha256,
        null::text as replaces_record_id,
        d.payload,
        d.review_required and (n.op <> 'RESUME' or d.payload_sha256 <> k.standing_sha256) as review_required,
        d.findings,
        k.standing_regime as old_regime_id,
        n.new_regime_id,
        n.new_publish_until,
        coalesce(
            n.regime_selector = 'business_date'
            and k.standing_regime <> n.new_regime_id
            and (n.op = 'CORRECT' or (n.op = 'STOP' and n.new_publish_until < n.rules_changed_on)),
            false
        )
        or n.reason_code is not distinct from 'rule_repealed' as is_rule_change,
        n.rules_changed_on
    from needed as n
    left join known as k on n.id = k.id
    left join due as d on n.id = d.id and n.op in ('UPSERT', 'CORRECT', 'RESUME', 'BLOCKED')
    where n.op is not null
        and concat_ws(
            ',', n.op, case when n.op <> 'UPSERT' or k.standing_op is not null then n.reason_code end,
            coalesce(d.payload_sha256, k.payload_sha256)
        ) is distinct from k.untimely
    union all
    select
        disclosure.record_id(d.channel, d.record_type, concat_ws(chr(31), d.source_key, 'after', n.id)) as record_id,
        'UPSERT' as op,
        1 as version,
        null as reason_code,
        d.record_type,
        d.channel,
        d.subject_key,
        d.uscc,
        d.source_delivery_id,
        d.source_row_no,
        d.rule_id,
        d.regime_id,
        d.due_on,
        d.publish_until,
        d.payload_sha256,
        d.served_sha256,
        n.id as replaces_record_id,
        d.payload,
        d.review_required,
        d.findings,
        null as old_regime_id,
        d.regime_id as new_regime_id,
        d.publish_until as new_publish_until,
        false as is_rule_change,
        null as rules_changed_on
    from needed as n
    inner join due as d on n.id = d.id
    where n.is_replaced
),

-- all that one change of the rules does on one channel is one batch, known by what it would do
batch as (
    select
        concat_ws(':', 'rules', channel, rules_changed_on) as batch_key,
        channel,
        rules_changed_on,
        encode(sha256(convert_to(
            string_agg(concat_ws(',', record_id, op, payload_sha256, new_regime_id), chr(10) order by record_id), 'UTF8'
        )), 'hex') as batch_sha256
    from operation
    where is_rule_change
    group by channel, rules_changed_on
),

judged as (
    select
        o.*,
        b.batch_key,
        b.batch_sha256,
        coalesce(v.decided_by, a.decided_by) as approved_by,
        case
            when o.op = 'BLOCKED' then 'needs_new_legal_basis'
            when b.batch_key is not null and a.decision = 'refused' then 'rule_review_refused'
            when b.batch_key is not null and a.decision is null then 'rule_review_pending'
            when o.op not in ('UPSERT', 'CORRECT', 'RESUME') or o.payload is null then null
            when o.review_required and v.decision = 'refused' then 'review_refused'
            when o.review_required and v.decision is null
                then case when o.findings <> '' then 'redaction_review_open' else 'review_pending' end
            when exists (
                select from jsonb_array_elements(o.payload -> 'documents') as document
                where not exists (select from disclosure.public_document as l where l.sha256 = document ->> 'sha256')
            ) then 'document_not_stored'
        end as held_because
    from operation as o
    left join batch as b
        on o.is_rule_change and o.channel = b.channel and o.rules_changed_on = b.rules_changed_on
    left join disclosure.review as a on b.batch_key = a.record_key and b.batch_sha256 = a.payload_sha256
    left join disclosure.review as v
        on o.record_id = v.record_key and o.payload_sha256 = v.payload_sha256 and o.version = v.version
)

select
    *,
    row_number() over (
        order by
            (held_because is not null), (op not in ('WITHDRAW', 'STOP', 'SUSPEND')), (op <> 'WITHDRAW'), due_on, record_id
    ) as place
from judged
