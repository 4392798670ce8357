-- Where records go: one row per channel. transport names a module of disclosure/channels; letters stand in batch
-- numbers. The row lock makes senders of a channel queue, so numbers have no gaps and each batch names the one before.
create table if not exists disclosure.channel (
    channel   text primary key,
    letters   text not null unique check (letters ~ '^[A-Z]{2}$'),
    transport text not null,
    enabled   boolean not null default true
);
insert into disclosure.channel (channel, letters, transport) values
    ('gsxt', 'GX', 'exchange_db'),
    ('credit_china', 'CC', 'sftp_batch')
on conflict do nothing;

-- One row per batch, in the order they were made. Until written_at is set its outcome is unknown: the same number with
-- the same content is sent again, and no batch is made after it. One that is known not to have been taken is dissolved,
-- and its number is free. origin ADOPTED: read back after a restore.
create table if not exists disclosure.batch (
    batch_no       text primary key,
    channel        text not null,
    place          bigint generated always as identity unique,
    rows           integer not null,
    content_sha256 text not null,
    previous_batch text,
    schema_version text not null,
    chain_head     text not null,
    business_day   date not null,
    first_event_on date not null,
    last_event_on  date not null,
    origin         text not null default 'PLATFORM' check (origin in ('PLATFORM', 'ADOPTED')),
    made_at        timestamptz not null default now(),
    attempts       integer not null default 0,
    next_try_at    timestamptz not null default now(),
    written_at     timestamptz
);
create index if not exists batch_of_channel on disclosure.batch (channel, place);

-- Which version left in which batch; a version is sent again, in a later batch, when the receiver lacks it. Rows come
-- out of the outbox alone, whose foreign key already says that the ledger has the version.
create table if not exists disclosure.sending (
    batch_no  text not null,
    record_id text not null,
    version   integer not null,
    primary key (batch_no, record_id, version)
);
alter table disclosure.sending drop constraint if exists sending_record_id_version_fkey;

alter table disclosure.outbox drop column if exists sending_key, drop column if exists lease_token;
alter table disclosure.reconciliation add column if not exists our_attachments text;
alter table disclosure.reconciliation add column if not exists receiver_attachments text;

grant select, update (transport, enabled) on disclosure.channel to owner;
grant select, update (enabled) on disclosure.channel to publisher; -- without a right to update there is no row lock
grant select, insert, update on disclosure.batch to publisher;
grant select, insert on disclosure.sending to publisher;
grant select on disclosure.channel, disclosure.batch, disclosure.sending to owner, transformer;
alter table disclosure.channel owner to ledger_owner;
alter table disclosure.batch owner to ledger_owner;
alter table disclosure.sending owner to ledger_owner;

-- Takes back the newest batch of a channel while nothing of it lies at the receiver. What was written stays for ever, and
-- so does what another batch names as the one before it: numbers have no gaps.
create or replace function disclosure.dissolve_batch(number text) returns void
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
    delete from disclosure.batch as b
    where b.batch_no = number
        and b.written_at is null
        and not exists (select from disclosure.batch as l where l.channel = b.channel and l.place > b.place);
    if not found then
        raise exception 'batch % was written, is not the last of its channel or is none: it stays', number;
    end if;
    delete from disclosure.sending as s where s.batch_no = number;
end
$$;
alter function disclosure.dissolve_batch owner to ledger_owner;
revoke execute on function disclosure.dissolve_batch from public;
grant execute on function disclosure.dissolve_batch to publisher;

-- How long to wait after the n-th try (domain.md 8.4): 1, 5, 15, 60 minutes, then hourly.
create or replace function disclosure.retry_wait(tries integer) returns interval
language sql immutable strict parallel safe
return (array[interval '1 min', '5 min', '15 min', '60 min'])[least(tries, 4)];
alter function disclosure.retry_wait owner to ledger_owner;
