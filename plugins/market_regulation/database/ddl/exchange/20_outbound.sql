-- 前置库, outbound side: batches of records for the credit-disclosure systems, their answers, their public copy.
create schema if not exists outbound;
create schema if not exists inbound;
grant usage on schema outbound, inbound to owner, publisher, receiver;

-- One row per channel: its letters in batch numbers, and the last batch written (the row lock makes writers queue).
create table if not exists outbound.channel (
    channel    text primary key,
    letters    text not null unique check (letters ~ '^[A-Z]{2}$'),
    last_batch text
);
insert into outbound.channel (channel, letters) values ('gsxt', 'GX') on conflict do nothing;

create table if not exists outbound.batch (
    batch_no       text primary key,
    channel        text not null,
    rows           integer not null,
    content_sha256 text not null,
    previous_batch text,
    schema_version text not null,
    chain_head     text not null,
    business_day   date not null,
    created_at     timestamptz not null default now()
);
comment on column outbound.batch.batch_no is '{source USCC}{yyyymmdd}{channel: GX, CC}{sequence, 4 digits}';
comment on column outbound.batch.previous_batch is 'the batch written before this one on the channel; null for the first';
comment on column outbound.batch.chain_head is 'head of the ledger when the batch was made, {seq}:{row_sha256}: receivers are witnesses';
comment on column outbound.batch.content_sha256 is 'SHA-256 of the lines record_id,version,op,row_hash in order of record_id, version';

-- One table per record type, all of the same envelope. A version is written again, in a new batch and with another
-- sending_key, when the receiver's inventory lacks it; the receiver answers `duplicate` when it holds it after all.
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
    sending_key  text not null default 'first',
    written_at   timestamptz not null default now(),
    primary key (record_id, version, sending_key)
);
create index if not exists administrative_penalty_batch on outbound.administrative_penalty (batch_no, record_id, version);
create table if not exists outbound.spot_check (like outbound.administrative_penalty including all);
alter table outbound.spot_check drop constraint if exists spot_check_batch_no_fkey;
alter table outbound.spot_check add constraint spot_check_batch_no_fkey foreign key (batch_no) references outbound.batch;

create table if not exists outbound.ccc_validity (like outbound.administrative_penalty including all);
alter table outbound.ccc_validity drop constraint if exists ccc_validity_batch_no_fkey;
alter table outbound.ccc_validity add constraint ccc_validity_batch_no_fkey foreign key (batch_no) references outbound.batch;
create table if not exists outbound.other_check (like outbound.administrative_penalty including all);
alter table outbound.other_check drop constraint if exists other_check_batch_no_fkey;
alter table outbound.other_check add constraint other_check_batch_no_fkey foreign key (batch_no) references outbound.batch;
create table if not exists outbound.serious_listing (like outbound.administrative_penalty including all);
alter table outbound.serious_listing drop constraint if exists serious_listing_batch_no_fkey;
alter table outbound.serious_listing add constraint serious_listing_batch_no_fkey foreign key (batch_no) references outbound.batch;
create table if not exists outbound.other_dept_penalty (like outbound.administrative_penalty including all);
alter table outbound.other_dept_penalty drop constraint if exists other_dept_penalty_batch_no_fkey;
alter table outbound.other_dept_penalty add constraint other_dept_penalty_batch_no_fkey foreign key (batch_no) references outbound.batch;

-- What was written in which batch, over all record types.
create or replace view outbound.sending as
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.administrative_penalty
union all
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.spot_check
union all
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.ccc_validity
union all
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.other_check
union all
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.serious_listing
union all
select record_id, version, sending_key, batch_no, channel, op, row_hash, written_at from outbound.other_dept_penalty;

-- Documents by content hash; the payload names the hash.
create table if not exists outbound.attachment (
    sha256     text primary key check (sha256 = encode(sha256(content), 'hex')),
    media_type text not null,
    content    bytea not null
);

-- "Tell me what you show": asked by the platform, answered by the receiver in inbound.inventory.
create table if not exists outbound.inventory_request (
    request_id   text primary key,
    channel      text not null,
    business_day date not null,
    asked_at     timestamptz not null default now()
);

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
create index if not exists receipt_received on inbound.receipt (channel, received_at);
create table if not exists inbound.inventory (
    request_id     text not null,
    record_id      text not null,
    version        integer not null,
    op             text not null,
    payload_sha256 text not null,
    published_on   date,
    visible        boolean not null,
    primary key (request_id, record_id)
);
comment on column inbound.inventory.payload_sha256 is 'computed by the receiver from what it shows, not copied from us';
create table if not exists inbound.inventory_answer (
    request_id  text primary key,
    items       integer not null,
    answered_at timestamptz not null default now()
);

grant select, insert on outbound.batch, outbound.administrative_penalty, outbound.spot_check,
    outbound.attachment, outbound.inventory_request to publisher;
grant select, insert on outbound.ccc_validity, outbound.other_check, outbound.serious_listing,
    outbound.other_dept_penalty to publisher;
grant select on outbound.channel, outbound.sending to publisher;
grant update (last_batch) on outbound.channel to publisher;
grant select on all tables in schema outbound to owner, receiver;
grant select, insert on all tables in schema inbound to receiver;
grant select on all tables in schema inbound to owner, publisher;
-- an inventory is as large as the public set: the platform removes it once it is compared
grant delete on inbound.inventory to publisher;
