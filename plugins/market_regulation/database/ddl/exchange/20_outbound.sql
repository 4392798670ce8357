-- 前置库, outbound side: batches of records for the credit-disclosure systems, their answers, their public copy.
create schema if not exists outbound;
create schema if not exists inbound;
grant usage on schema outbound, inbound to owner, publisher, receiver;

-- Tables of a version that numbered its batches here have other keys, which nothing can be derived for.
do $$
begin
    if to_regclass('outbound.batch') is not null and not exists (
        select from information_schema.columns
        where table_schema = 'outbound' and table_name = 'batch' and column_name = 'first_event_on'
    ) then
        raise exception 'the exchange database was made by an older version (outbound.batch has no first_event_on)'
            using hint = 'A home of the sandbox: `make clean`, or another $MARKET_REGULATION_HOME. Elsewhere: let the '
                'older version send what is under way and reconcile, then `drop schema outbound, inbound cascade` in '
                'the exchange database and start again; the ledger and the receivers keep what was published.';
    end if;
end
$$;

create table if not exists outbound.batch (
    batch_no       text primary key,
    channel        text not null,
    rows           integer not null,
    content_sha256 text not null,
    previous_batch text,
    schema_version text not null,
    chain_head     text not null,
    business_day   date not null,
    first_event_on date not null,
    last_event_on  date not null,
    created_at     timestamptz not null default clock_timestamp()
);
comment on column outbound.batch.batch_no is '{source USCC}{yyyymmdd}{channel: GX, CC}{sequence, 4 digits}';
comment on column outbound.batch.previous_batch is 'the batch written before this one on the channel; null for the first';
comment on column outbound.batch.chain_head is 'head of the ledger when the batch was made, {seq}:{row_sha256}: receivers are witnesses';
comment on column outbound.batch.content_sha256 is 'SHA-256 of the lines record_id,version,op,row_hash in order of record_id, version';
comment on column outbound.batch.first_event_on is 'earliest business day on which one of the rows was decided';

-- One table per record type, all of the same envelope. A version is written again, in a new batch, when the receiver's
-- inventory lacks it; the receiver answers `duplicate` when it holds it after all. exchange holds what only the exchange
-- may carry (identity numbers): it is part of no hash and never shown.
create table if not exists outbound.administrative_penalty (
    record_id    text not null,
    version      integer not null,
    batch_no     text not null references outbound.batch,
    channel      text not null,
    op           text not null check (op in ('UPSERT', 'CORRECT', 'WITHDRAW', 'STOP', 'SUSPEND', 'RESUME')),
    reason_code  text,
    effective_on date not null,
    row_hash     text not null,
    payload      jsonb not null,
    exchange     jsonb,
    primary key (batch_no, record_id, version)
);
do $$
declare
    item text;
    parts text[] := array['select record_id, version, batch_no, channel, op, row_hash from outbound.administrative_penalty'];
begin
    foreach item in array array['spot_check', 'ccc_validity', 'other_check', 'serious_listing', 'other_dept_penalty'] loop
        execute format('create table if not exists outbound.%I (like outbound.administrative_penalty including all)', item);
        execute format('alter table outbound.%I drop constraint if exists %I', item, item || '_batch_no_fkey');
        execute format('alter table outbound.%I add constraint %I foreign key (batch_no) references outbound.batch',
                       item, item || '_batch_no_fkey');
        parts := parts || format('select record_id, version, batch_no, channel, op, row_hash from outbound.%I', item);
    end loop;
    execute 'create or replace view outbound.sending as ' || array_to_string(parts, ' union all ');
end
$$;
comment on view outbound.sending is 'what was written in which batch, over all record types';

-- Documents by content hash; the payload names the hash.
create table if not exists outbound.attachment (
    sha256     text primary key check (sha256 = encode(sha256(content), 'hex')),
    media_type text not null,
    content    bytea not null
);

-- Data dictionary of the feed as CSV, one per channel and version of its schemas.
create table if not exists outbound.dictionary (
    channel        text not null,
    schema_version text not null,
    content        text not null,
    primary key (channel, schema_version)
);

-- "Tell me what you show": asked by the platform, answered by the receiver in inbound.inventory.
create table if not exists outbound.inventory_request (
    request_id   text primary key,
    channel      text not null,
    business_day date not null,
    with_content boolean not null default false,
    asked_at     timestamptz not null default now()
);
comment on column outbound.inventory_request.with_content is 'whether the answer is to carry the payloads (after a restore of the sender)';

create table if not exists inbound.receipt (
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
comment on column inbound.receipt.record_id is 'empty, with version 0, when the answer is to the whole batch';
create index if not exists receipt_received on inbound.receipt (channel, received_at);
create table if not exists inbound.inventory (
    request_id     text not null,
    record_id      text not null,
    version        integer not null,
    op             text not null,
    record_type    text not null,
    payload_sha256 text not null,
    published_on   date,
    visible        boolean not null,
    attachments    text not null default '',
    payload        jsonb,
    primary key (request_id, record_id)
);
comment on column inbound.inventory.payload_sha256 is 'computed by the receiver from what it shows, not copied from us';
comment on column inbound.inventory.attachments is 'hashes of the documents held, computed from their bytes, ascending, joined by commas';
create table if not exists inbound.inventory_answer (
    request_id  text primary key,
    items       integer not null,
    answered_at timestamptz not null default now()
);

grant select, insert on all tables in schema outbound to publisher;
grant update (content) on outbound.dictionary to publisher;
grant select on all tables in schema outbound to receiver;
-- what only the exchange may carry is for its two ends: whoever looks after this database sees the rest
revoke select on all tables in schema outbound from owner;
grant select on outbound.batch, outbound.sending, outbound.attachment, outbound.dictionary, outbound.inventory_request
    to owner;
do $$
declare
    item text;
begin
    foreach item in array array[
        'administrative_penalty', 'spot_check', 'ccc_validity', 'other_check', 'serious_listing', 'other_dept_penalty'
    ] loop
        execute format(
            'grant select (record_id, version, batch_no, channel, op, reason_code, effective_on, row_hash, payload)'
            ' on outbound.%I to owner', item);
    end loop;
end
$$;
grant select, insert on all tables in schema inbound to receiver;
grant select on all tables in schema inbound to owner, publisher;
-- an inventory is as large as the public set: the platform removes it once it is compared
grant delete on inbound.inventory to publisher;
