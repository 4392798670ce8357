-- The comparison of one day. Grain: one row per record that should be public or is shown (reconciliation of %(day)s).
-- What should be public: the latest version acknowledged before the inventory was asked for, where it publishes.
-- match: shown as it should be, with its documents. missing: should be shown and is not. stale: a version, content or
-- document is shown that ours has overtaken or differs from. extra: shown without any version of ours behind it.
with
acknowledged as (
    select distinct on (r.record_id) r.record_id, r.version, r.op, r.payload_sha256
    from disclosure.record as r
    where r.channel = %(channel)s
        and exists (
            select from disclosure.receipt as a
            where a.record_id = r.record_id
                and a.version = r.version
                and a.verdict <> 'rejected'
                and a.received_at <= %(taken_at)s
        )
    order by r.record_id, r.version desc
),

expected as (
    select
        k.record_id, k.version, k.payload_sha256,
        (
            select coalesce(string_agg(distinct d.sha256 #>> '{}', ',' order by d.sha256 #>> '{}'), '')
            from jsonb_path_query(p.public, '$.documents[*].sha256') as d (sha256)
        ) as attachments
    from acknowledged as k
    inner join disclosure.payload as p using (payload_sha256)
    where k.op in ('UPSERT', 'CORRECT', 'RESUME')
),

compared as (
    select
        coalesce(e.record_id, s.record_id) as record_id,
        coalesce(e.version, a.version) as our_version,
        coalesce(e.payload_sha256, a.payload_sha256) as our_sha256,
        s.version as receiver_version,
        s.payload_sha256 as receiver_sha256,
        e.attachments as our_attachments,
        s.attachments as receiver_attachments,
        case
            when s.visible is not true then 'missing'
            when (e.version, e.payload_sha256, e.attachments) = (s.version, s.payload_sha256, s.attachments) then 'match'
            when a.version >= s.version then 'stale'
            else 'extra'
        end as result
    from expected as e
    full join shown as s on e.record_id = s.record_id
    left join acknowledged as a on coalesce(e.record_id, s.record_id) = a.record_id
    where e.record_id is not null or s.visible
)

insert into disclosure.reconciliation (
    business_day, channel, record_id, result, our_version, our_sha256, receiver_version, receiver_sha256,
    our_attachments, receiver_attachments
)
select %(day)s, %(channel)s, record_id, result, our_version, our_sha256, receiver_version, receiver_sha256,
    our_attachments, receiver_attachments
from compared
