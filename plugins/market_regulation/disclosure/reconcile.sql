-- The comparison of one day. Grain: one row per record that should be public or is shown (reconciliation of %(day)s).
-- What should be public: the latest version acknowledged before the inventory was asked for, where it publishes.
-- match: shown as it should be. missing: should be shown and is not. stale: a version or content is shown that ours
-- has overtaken or differs from. extra: shown without any version of ours behind it.
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
                and a.received_at <= %(asked_at)s
        )
    order by r.record_id, r.version desc
),

expected as (
    select * from acknowledged where op in ('UPSERT', 'CORRECT', 'RESUME')
),

compared as (
    select
        coalesce(e.record_id, s.record_id) as record_id,
        coalesce(e.version, a.version) as our_version,
        coalesce(e.payload_sha256, a.payload_sha256) as our_sha256,
        s.version as receiver_version,
        s.payload_sha256 as receiver_sha256,
        case
            when s.visible is not true then 'missing'
            when (e.version, e.payload_sha256) = (s.version, s.payload_sha256) then 'match'
            when a.version >= s.version then 'stale'
            else 'extra'
        end as result
    from expected as e
    full join shown as s on e.record_id = s.record_id
    left join acknowledged as a on coalesce(e.record_id, s.record_id) = a.record_id
    where e.record_id is not null or s.visible
)

insert into disclosure.reconciliation (
    business_day, channel, record_id, result, our_version, our_sha256, receiver_version, receiver_sha256
)
select %(day)s, %(channel)s, record_id, result, our_version, our_sha256, receiver_version, receiver_sha256
from compared
