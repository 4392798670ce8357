-- What was public on a past day, and why: a query over the ledger and the receipts, nothing else, so that it answers for
-- any day whatever the rules or the facts say by now.
create or replace function disclosure.public_on(day date)
returns table (
    channel text, record_type text, record_id text, version integer, shown_since date, op text, rule_id text,
    regime_id text, due_on date, approved_by text, subject_key text, source_delivery_id bigint, source_row_no bigint,
    payload jsonb
)
language sql stable
as $$
    with taken as (
        select distinct on (r.record_id) r.*, min(t.business_day) over (partition by r.record_id, r.version) as taken_on
        from disclosure.record as r
        inner join disclosure.receipt as t using (record_id, version)
        where t.verdict in ('accepted', 'duplicate') and t.business_day <= day
        order by r.record_id, r.version desc
    )
    select
        r.channel, r.record_type, r.record_id, r.version, r.taken_on, r.op, r.rule_id, r.regime_id, r.due_on,
        r.approved_by, r.subject_key, r.source_delivery_id, r.source_row_no, p.public
    from taken as r
    inner join disclosure.payload as p using (payload_sha256)
    where r.op in ('UPSERT', 'CORRECT', 'RESUME')
$$;
comment on function disclosure.public_on is
    'the public set of a day: version shown, since when, by which rule and regime, who approved, from which delivery and row';
alter function disclosure.public_on owner to ledger_owner;
grant execute on function disclosure.public_on to owner, publisher;
