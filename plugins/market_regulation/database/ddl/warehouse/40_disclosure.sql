-- What left the building, why, and what came back. The ledger belongs to a role that cannot log in:
-- nobody who writes it can change or delete a row, and a changed row breaks the chain.
create schema if not exists disclosure;
alter schema disclosure owner to ledger_owner;
grant usage on schema disclosure to owner, publisher;
grant usage, create on schema disclosure to transformer;

-- Canonical JSON text (keys in code point order, no blanks): equal content gives equal text and so an equal hash.
-- Scalars are strings, booleans or null by contract of the payload schemas, so numbers need no rule of their own.
create or replace function disclosure.canonical_json(value jsonb) returns text
language plpgsql immutable strict parallel safe
as $$
begin
    case jsonb_typeof(value)
        when 'object' then
            return '{' || coalesce((
                select string_agg(
                    to_json(o.key)::text || ':' || case
                        when jsonb_typeof(o.value) in ('object', 'array') then disclosure.canonical_json(o.value)
                        else o.value::text
                    end, ',' order by o.key collate "C")
                from jsonb_each(value) as o), '') || '}';
        when 'array' then
            return '[' || coalesce((
                select string_agg(disclosure.canonical_json(a.value), ',' order by a.ordinality)
                from jsonb_array_elements(value) with ordinality as a), '') || ']';
        else
            return value::text;
    end case;
end
$$;

create or replace function disclosure.payload_sha256(payload jsonb) returns text
language sql immutable strict parallel safe
return encode(sha256(convert_to(disclosure.canonical_json(payload), 'UTF8')), 'hex');

-- Stable name of a record: hash of (channel, record type, the source's own key), never of a resolved attribute.
create or replace function disclosure.record_id(channel text, record_type text, source_key text) returns text
language sql immutable strict parallel safe
return encode(sha256(convert_to(channel || chr(31) || record_type || chr(31) || source_key, 'UTF8')), 'hex');

create table if not exists disclosure.payload (
    payload_sha256 text primary key check (payload_sha256 = disclosure.payload_sha256(public)),
    public         jsonb not null
);

create table if not exists disclosure.record (
    seq                bigint not null unique,
    record_id          text not null,
    version            integer not null check (version > 0),
    op                 text not null check (op in ('UPSERT', 'CORRECT', 'WITHDRAW', 'STOP', 'SUSPEND', 'RESUME')),
    reason_code        text,
    origin             text not null check (origin in ('PLATFORM', 'ADOPTED', 'MANUAL')),
    record_type        text not null,
    channel            text not null,
    subject_key        text not null,
    uscc               text,
    source_delivery_id bigint not null,
    source_row_no      bigint not null,
    business_day       date not null,
    rule_id            text not null,
    regime_id          text,
    due_on             date not null,
    publish_until      date,
    payload_sha256     text not null references disclosure.payload,
    served_sha256      text,
    replaces_record_id text,
    entered_by         text not null,
    approved_by        text,
    prev_sha256        text not null,
    row_sha256         text not null,
    created_at         timestamptz not null,
    primary key (record_id, version),
    check (approved_by <> entered_by),
    check (op in ('UPSERT', 'RESUME') or reason_code is not null)
);
alter table disclosure.record add column if not exists exchange_sha256 text;
comment on column disclosure.record.exchange_sha256 is
    'SHA-256 (hex) of private.exchange_part.ciphertext; null where the exchange carries nothing beyond the public payload';
create index if not exists record_by_source on disclosure.record (source_delivery_id, source_row_no);

-- Head of the chain: the last row's number and hash; the row lock makes writers queue.
create table if not exists disclosure.chain_head (
    only_row   boolean primary key default true check (only_row),
    seq        bigint not null,
    row_sha256 text not null
);
insert into disclosure.chain_head (seq, row_sha256) values (0, repeat('0', 64)) on conflict do nothing;

-- Hash of one ledger row over its columns in order, the previous row's hash included; exchange_sha256 only where there is
-- one, so that rows from before there was such a column keep their hash.
create or replace function disclosure.row_sha256(r disclosure.record) returns text
language sql stable parallel safe
return encode(sha256(convert_to((
    jsonb_build_array(
        r.seq, r.record_id, r.version, r.op, r.reason_code, r.origin, r.record_type, r.channel, r.subject_key, r.uscc,
        r.source_delivery_id, r.source_row_no, r.business_day, r.rule_id, r.regime_id, r.due_on, r.publish_until,
        r.payload_sha256, r.served_sha256, r.replaces_record_id, r.entered_by, r.approved_by, r.prev_sha256,
        to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) || case when r.exchange_sha256 is null then '[]'::jsonb else jsonb_build_array(r.exchange_sha256) end)::text,
    'UTF8')), 'hex');

-- Each row follows the row before it, or the head when that is further on (then rows were removed, and the gap
-- stays to be seen). The head is locked before a statement's first row and moved once after its last: an update per
-- row would leave as many dead heads for the next row to step over.
create or replace function disclosure.lock_chain() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
    perform from disclosure.chain_head for update;
    return null;
end
$$;

create or replace function disclosure.chain_record() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    before record;
begin
    select * into strict before
    from (
        (select r.seq, r.row_sha256 from disclosure.record as r order by r.seq desc limit 1)
        union all
        select h.seq, h.row_sha256 from disclosure.chain_head as h
    ) as candidate
    order by candidate.seq desc
    limit 1;
    new.seq := before.seq + 1;
    new.prev_sha256 := before.row_sha256;
    new.created_at := clock_timestamp();
    new.row_sha256 := disclosure.row_sha256(new);
    return new;
end
$$;

create or replace function disclosure.move_head() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
    update disclosure.chain_head as h
    set seq = r.seq, row_sha256 = r.row_sha256
    from (select seq, row_sha256 from disclosure.record order by seq desc limit 1) as r
    where r.seq > h.seq;
    return null;
end
$$;

create or replace trigger lock_chain before insert on disclosure.record
    for each statement execute function disclosure.lock_chain();
create or replace trigger chain_record before insert on disclosure.record
    for each row execute function disclosure.chain_record();
create or replace trigger move_head after insert on disclosure.record
    for each statement execute function disclosure.move_head();

-- First ledger row whose hash or link is wrong; no row when the chain holds from the first row to the head.
create or replace function disclosure.broken_link() returns table (seq bigint, problem text)
language sql stable
as $$
    select c.seq, c.problem
    from (
        select r.seq,
            case
                when r.seq <> row_number() over (order by r.seq) then 'a row is missing before this one'
                when r.prev_sha256 <> lag(r.row_sha256, 1, repeat('0', 64)) over (order by r.seq) then 'does not follow the row before'
                when r.row_sha256 <> disclosure.row_sha256(r) then 'content differs from its hash'
            end as problem
        from disclosure.record as r
        union all
        select h.seq, 'head does not match the last row'
        from disclosure.chain_head as h
        where (h.seq, h.row_sha256) is distinct from (
            coalesce((select max(seq) from disclosure.record), 0),
            coalesce((select row_sha256 from disclosure.record order by seq desc limit 1), repeat('0', 64)))
    ) as c
    where c.problem is not null
    order by c.seq
    limit 1
$$;

-- Documents of a record (处罚决定书): served text and public text are told apart by hash.
create table if not exists disclosure.attachment (
    record_id         text not null,
    version           integer not null,
    seq               integer not null,
    kind              text not null,
    media_type        text not null,
    bytes             bigint not null,
    sha256_served     text not null,
    sha256_public     text not null,
    redaction_profile text not null,
    reviewed_by       text,
    primary key (record_id, version, seq),
    foreign key (record_id, version) references disclosure.record
);

-- What is still to be sent: written in the transaction of the ledger row, deleted on acknowledgement.
-- queued: it waits to be sent; unknown: it is part of batch_no, the outcome is not known yet;
-- sent: it lies at the receiver in batch_no, the receipt is awaited; rejected: refused with error_code.
create table if not exists disclosure.outbox (
    record_id   text not null,
    version     integer not null,
    channel     text not null,
    state       text not null check (state in ('queued', 'sent', 'unknown', 'rejected')),
    attempts    integer not null default 0,
    next_try_at timestamptz not null default now(),
    sent_at     timestamptz,
    error_code  text,
    op          text not null,
    seq         bigint not null,
    batch_no    text,
    primary key (record_id, version),
    foreign key (record_id, version) references disclosure.record
);
-- Each row is updated twice before it is deleted: pages with room for that, and no index over what changes, so that
-- neither update writes an index entry.
alter table disclosure.outbox set (fillfactor = 40);
alter table disclosure.outbox add column if not exists refusals integer not null default 0;
comment on column disclosure.outbox.refusals is
    'how many batches with this row were refused as a whole since it was last taken; the more, the smaller the next one';
drop index if exists disclosure.outbox_to_send, disclosure.outbox_in_order;
create index if not exists outbox_in_turn on disclosure.outbox (channel, (op <> 'WITHDRAW'), refusals, seq);

-- A question to a person about exactly one payload. No answer means HELD; refusing is as recorded as approving.
create table if not exists disclosure.review (
    review_id      text primary key,
    record_key     text not null,
    payload_sha256 text not null,
    asked_by       text not null,
    asked_on       date not null,
    subject        text not null,
    decided_on     date,
    decision       text check (decision in ('approved', 'refused')),
    decided_by     text,
    reason         text,
    handed_over_at timestamptz,
    unique (record_key, payload_sha256),
    check (decided_by <> asked_by),
    check ((decision is null) = (decided_on is null) and (decision is null) = (decided_by is null))
);

comment on column disclosure.review.handed_over_at is 'when the question was put before a person; null: not yet';

-- What a change of the rules would do to public records: the list behind one question of disclosure.review.
create table if not exists disclosure.rule_change (
    batch_sha256  text not null,
    record_id     text not null,
    channel       text not null,
    op            text not null,
    reason_code   text,
    rule_id       text,
    old_regime_id text,
    new_regime_id text,
    publish_until date,
    primary key (batch_sha256, record_id)
);
alter table disclosure.rule_change
    add column if not exists rule_id text,
    alter column old_regime_id drop not null,
    alter column new_regime_id drop not null;
comment on table disclosure.rule_change is
    'what a change of the rules does to public records: review.payload_sha256 = batch_sha256';
comment on column disclosure.rule_change.rule_id is 'the rule under which it was published';

-- The receiver's answers, each kept once however often it is sent.
create table if not exists disclosure.receipt (
    receipt_id   text primary key,
    channel      text not null,
    batch_no     text not null,
    record_id    text not null,
    version      integer not null,
    verdict      text not null check (verdict in ('accepted', 'rejected', 'duplicate')),
    field        text,
    error_code   text,
    message      text,
    receiver_id  text,
    published_on date,
    business_day date not null,
    received_at  timestamptz not null default now()
);
create index if not exists receipt_record on disclosure.receipt (record_id, version);
create index if not exists receipt_received on disclosure.receipt (channel, received_at);

-- The daily comparison with the public copy: one row per record seen on either side.
create table if not exists disclosure.reconciliation (
    business_day      date not null,
    channel           text not null,
    record_id         text not null,
    result            text not null check (result in ('match', 'missing', 'extra', 'stale')),
    our_version       integer,
    our_sha256        text,
    receiver_version  integer,
    receiver_sha256   text,
    compared_at       timestamptz not null default now(),
    primary key (business_day, channel, record_id)
);

grant select, insert on disclosure.payload, disclosure.record, disclosure.attachment, disclosure.receipt to publisher;
grant select, insert, update, delete on disclosure.outbox, disclosure.reconciliation to publisher;
grant select, insert on disclosure.review, disclosure.rule_change to publisher;
grant update (decided_on, decision, decided_by, reason, handed_over_at) on disclosure.review to publisher;
grant insert, update on control.lease to transformer;
grant select on disclosure.chain_head to publisher, owner, transformer;
grant select on all tables in schema disclosure to owner, publisher, transformer;
alter default privileges for role transformer in schema disclosure grant select on tables to owner, publisher;

do $$
declare
    item text;
begin
    foreach item in array array['payload', 'record', 'chain_head', 'attachment', 'outbox', 'review', 'rule_change', 'receipt', 'reconciliation'] loop
        execute format('alter table disclosure.%I owner to ledger_owner', item);
    end loop;
end
$$;
alter function disclosure.canonical_json owner to ledger_owner;
alter function disclosure.payload_sha256 owner to ledger_owner;
alter function disclosure.record_id owner to ledger_owner;
alter function disclosure.row_sha256 owner to ledger_owner;
alter function disclosure.lock_chain owner to ledger_owner;
alter function disclosure.chain_record owner to ledger_owner;
alter function disclosure.move_head owner to ledger_owner;
alter function disclosure.broken_link owner to ledger_owner;

-- What only an exchange may carry (identity numbers), encrypted; erasing the key erases the content.
create schema if not exists private;
alter schema private owner to ledger_owner;
create table if not exists private.exchange_part (
    record_id  text not null,
    version    integer not null,
    ciphertext bytea not null,
    key_id     text not null,
    primary key (record_id, version)
);
alter table private.exchange_part owner to ledger_owner;
grant usage on schema private to publisher;
grant select, insert on private.exchange_part to publisher;
