-- The sandbox receiver's own store: what the public sees. The platform has no role here.
create schema if not exists public_copy authorization receiver;
create table if not exists public_copy.item (
    channel        text not null,
    record_id      text not null,
    version        integer not null,
    record_type    text not null,
    op             text not null,
    payload        jsonb not null,
    payload_sha256 text not null,
    published_on   date,
    visible        boolean not null,
    applied_at     timestamptz not null default now(),
    primary key (channel, record_id)
);
create table if not exists public_copy.applied (
    channel    text not null,
    record_id  text not null,
    version    integer not null,
    row_hash   text not null,
    verdict    text not null,
    applied_at timestamptz not null default now(),
    primary key (channel, record_id, version)
);
create table if not exists public_copy.batch (
    batch_no     text primary key,
    processed_at timestamptz not null default now()
);
create table if not exists public_copy.attachment (
    sha256  text primary key,
    content bytea not null
);
alter table public_copy.attachment owner to receiver;
alter table public_copy.item owner to receiver;
alter table public_copy.applied owner to receiver;
alter table public_copy.batch owner to receiver;
