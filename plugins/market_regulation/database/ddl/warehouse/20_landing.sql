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
-- A month is <source>_YYYYMM, partitioned by delivery: a long delivery has a partition of its own, <source>__d<number>,
-- all others share <source>_YYYYMM_rest. (A month made by an older version is one table, and every delivery goes there.)
drop function if exists landing.ensure_table(text, text[], text[], text[], text[], date);
create or replace function landing.ensure_table(source text, columns text[], day date)
returns void
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    month_start date := date_trunc('month', day)::date;
    month_name text := format('%s_%s', source, to_char(month_start, 'YYYYMM'));
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
    if to_regclass(format('landing.%I', month_name)) is null then
        execute format('create table landing.%I partition of landing.%I for values from (%L) to (%L)'
            ' partition by list (delivery_id)', month_name, source, month_start, (month_start + interval '1 month')::date);
        execute format('create table landing.%I partition of landing.%I default', month_name || '_rest', month_name);
        execute format('grant select on landing.%I to loader', month_name || '_rest');  -- and its statistics
    end if;
end
$$;
grant create on schema landing to ledger_owner;
alter function landing.ensure_table owner to ledger_owner;
revoke execute on function landing.ensure_table from public;
grant execute on function landing.ensure_table to loader;

-- The partition in which the rows of a delivery stand.
create or replace function landing.partition_of(source text, day date, delivery_id bigint)
returns regclass
language sql
stable
set search_path = pg_catalog
return coalesce(
    to_regclass(format('landing.%I', format('%s__d%s', source, delivery_id))),
    to_regclass(format('landing.%I', format('%s_%s_rest', source, to_char(day, 'YYYYMM')))),
    to_regclass(format('landing.%I', format('%s_%s', source, to_char(day, 'YYYYMM')))));
revoke execute on function landing.partition_of from public;
grant execute on function landing.partition_of to loader, ledger_owner;

-- A table for one long delivery, to be filled and closed in the same transaction: rows go in several times as fast
-- without an index, and no other delivery's statistics blur those of this one. Null where the month is one table.
create or replace function landing.open_delivery(source text, day date, delivery_id bigint)
returns text
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    own_name text := format('%s__d%s', source, delivery_id);
begin
    if (select relkind from pg_class where oid = to_regclass(format('landing.%I',
            format('%s_%s', source, to_char(day, 'YYYYMM'))))) is distinct from 'p' then
        return null;
    end if;
    execute format('create table landing.%I (like landing.%I)', own_name, source);
    execute format('grant select, insert on landing.%I to loader', own_name);
    return own_name;
end
$$;
alter function landing.open_delivery owner to ledger_owner;
revoke execute on function landing.open_delivery from public;
grant execute on function landing.open_delivery to loader;

-- Makes the filled table of a delivery a partition of its month, into which nobody writes any more.
create or replace function landing.close_delivery(source text, day date, delivery_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    own_name text := format('%s__d%s', source, delivery_id);
begin
    execute format('alter table landing.%I add primary key (business_day, delivery_id, row_no)', own_name);
    execute format('revoke insert on landing.%I from loader', own_name);
    execute format('alter table landing.%I attach partition landing.%I for values in (%L)',
        format('%s_%s', source, to_char(day, 'YYYYMM')), own_name, delivery_id);
end
$$;
alter function landing.close_delivery owner to ledger_owner;
revoke execute on function landing.close_delivery from public;
grant execute on function landing.close_delivery to loader;

-- Fresh statistics for the partition that a delivery of so many rows went into, when it is a tenth of it or more: joins on
-- a just loaded table run for minutes without, and for a small delivery they would cost more than all the rest. A third
-- of the usual sample tells what joins and the choice of repeating columns need.
drop function if exists landing.analyze_month(text, date);
drop function if exists landing.analyze_month(text, date, bigint);
create or replace function landing.analyze_delivery(source text, day date, delivery_id bigint, added bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog
set default_statistics_target = 30
as $$
declare
    partition regclass := landing.partition_of(source, day, delivery_id);
begin
    if added * 10 >= (select reltuples from pg_class where oid = partition) then
        execute format('analyze %s', partition);
    end if;
end
$$;
alter function landing.analyze_delivery owner to ledger_owner;
revoke execute on function landing.analyze_delivery from public;
grant execute on function landing.analyze_delivery to loader;
