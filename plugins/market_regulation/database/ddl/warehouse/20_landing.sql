-- Everything as received. Insert-only for every role the platform uses: the tables belong to a role that
-- cannot log in, and rows leave only by detaching a month after its retention term.
create schema if not exists landing;
alter schema landing owner to ledger_owner;
grant usage on schema landing to owner, loader, transformer, publisher;

create sequence if not exists landing.delivery_id;
grant usage on sequence landing.delivery_id to loader;

-- One row per delivery: a file, a page set or a watermark slice; immutable bytes, counted rows.
create table if not exists landing.delivery (
    delivery_id      bigint primary key default nextval('landing.delivery_id'),
    source           text not null,
    submitter        text not null,
    profile          text not null,
    uri              text not null,
    arrival          text not null,
    sha256           text not null,
    bytes            bigint not null,
    announced_rows   bigint,
    received_rows    bigint,
    accepted_rows    bigint,
    quarantined_rows bigint,
    duplicate_rows   bigint,
    blocked_rows     bigint,
    status           text not null check (status in ('loading', 'loaded', 'blocked', 'duplicate', 'failed')),
    message          text,
    same_as_delivery_id bigint references landing.delivery,
    watermark        text,
    business_day     date not null,
    received_at      timestamptz not null default now(),
    unique (source, arrival),
    constraint every_row_accounted_for check (
        status in ('loading', 'failed')
        or received_rows is not distinct from accepted_rows + quarantined_rows + duplicate_rows + blocked_rows
    )
);
create index if not exists delivery_same_bytes on landing.delivery (source, sha256);
comment on column landing.delivery.arrival is
    'Identity of the arrival (file name, size, time of change; or pull and business day): the same arrival seen twice is one delivery';
grant select, insert on landing.delivery to loader;
grant update (announced_rows, received_rows, accepted_rows, quarantined_rows, duplicate_rows, blocked_rows,
              status, message, same_as_delivery_id) on landing.delivery to loader;
grant select on landing.delivery to owner, transformer, publisher;

-- Rows known before: identical to an earlier row of the same key.
create table if not exists landing.duplicate (
    delivery_id         bigint not null,
    row_no              bigint not null,
    same_as_delivery_id bigint not null,
    same_as_row_no      bigint not null,
    primary key (delivery_id, row_no)
);
grant select, insert on landing.duplicate to loader;
grant select on landing.duplicate to owner, transformer, publisher;

-- Documents that arrived with rows (decision letters), by content hash; the row carries the hash.
create table if not exists landing.document (
    sha256     text primary key,
    media_type text not null,
    content    bytea not null,
    check (sha256 = encode(sha256(content), 'hex'))
);
grant select, insert on landing.document to loader;
grant select on landing.document to owner, transformer, publisher;

alter table landing.delivery owner to ledger_owner;
alter table landing.duplicate owner to ledger_owner;
alter table landing.document owner to ledger_owner;
alter sequence landing.delivery_id owner to ledger_owner;

-- Creates landing.<source> (or adds columns that a contract gained) and the month's partition. It runs with the rights
-- of the owner, so the loader can make landing tables and do nothing else to them. Nothing is locked when nothing is
-- missing: readers of the table are not disturbed. The keys of accepted rows stand in quality.<source>_key.
drop function if exists landing.ensure_table(text, text[], text[], text[], text[], date);
create or replace function landing.ensure_table(source text, columns text[], day date)
returns void
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    month_start date := date_trunc('month', day)::date;
    partition_name text := format('%s_%s', source, to_char(month_start, 'YYYYMM'));
    column_name text;
begin
    if source !~ '^[a-z][a-z0-9_]{1,40}$' or source in
            ('delivery', 'delivery_event', 'duplicate', 'document', 'correction', 'row_outcome') then
        raise exception 'landing.ensure_table: % is not a name for a source', source;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('landing.' || source, 0));
    if to_regclass(format('landing.%I', source)) is null then
        execute format(
            'create table landing.%I (business_day date not null, delivery_id bigint not null, row_no bigint not null,'
            ' _raw text, primary key (business_day, delivery_id, row_no)) partition by range (business_day)', source);
        execute format('grant select, insert on landing.%I to loader', source);
        execute format('grant select on landing.%I to owner, transformer, publisher', source);
    end if;
    foreach column_name in array columns loop
        if not exists (select from pg_attribute as a where a.attrelid = format('landing.%I', source)::regclass
                       and a.attname = column_name and not a.attisdropped) then
            execute format('alter table landing.%I add column %I text', source, column_name);
        end if;
    end loop;
    if to_regclass(format('landing.%I', partition_name)) is null then
        execute format('create table landing.%I partition of landing.%I for values from (%L) to (%L)',
            partition_name, source, month_start, (month_start + interval '1 month')::date);
        execute format('grant select on landing.%I to loader', partition_name);  -- its statistics are read
    end if;
end
$$;
grant create on schema landing to ledger_owner;
alter function landing.ensure_table owner to ledger_owner;
revoke execute on function landing.ensure_table from public;
grant execute on function landing.ensure_table to loader;

-- Fresh statistics for the month that a delivery of so many rows went into, when it is a tenth of the month or more:
-- joins on a just loaded table run for minutes without, and for a small delivery they would cost more than all the rest.
drop function if exists landing.analyze_month(text, date);
create or replace function landing.analyze_month(source text, day date, added bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    partition_name text := format('landing.%I', format('%s_%s', source, to_char(day, 'YYYYMM')));
begin
    if added * 10 >= (select reltuples from pg_class where oid = partition_name::regclass) then
        execute 'analyze ' || partition_name;
    end if;
end
$$;
alter function landing.analyze_month owner to ledger_owner;
revoke execute on function landing.analyze_month from public;
grant execute on function landing.analyze_month to loader;
