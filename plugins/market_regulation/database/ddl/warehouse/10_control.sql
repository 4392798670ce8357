-- What the platform itself needs to know: the business day, the calendar, the region codes.
create schema if not exists control;
grant usage on schema control to owner, loader, transformer, publisher;

-- One row: the day for which the platform works. Verdicts read the day from here and from nowhere else.
-- known_day is the day as of whose knowledge facts are read; it differs only when a past day is recomputed.
create table if not exists control.business_day (
    only_row     boolean primary key default true check (only_row),
    business_day date not null,
    known_day    date not null,
    set_at       timestamptz not null default now()
);
insert into control.business_day (business_day, known_day)
select (now() at time zone 'Asia/Shanghai')::date, (now() at time zone 'Asia/Shanghai')::date
on conflict do nothing;

-- Official calendar, loaded from the chinesecalendar library; seeds/rules/calendar_override.csv overrides it in dbt.
create table if not exists control.calendar_day (
    calendar_date  date primary key,
    is_working_day boolean not null,
    is_provisional boolean not null
);

-- GB/T 2260 codes with their years, loaded from python-stdnum.
create table if not exists control.region (
    region_code text not null,
    region_name text not null,
    first_year  integer,
    last_year   integer
);
create index if not exists region_code on control.region (region_code);

-- A lease keeps two copies of one task from both taking effect: whoever took the higher token wins.
create table if not exists control.lease (
    lease_name text primary key,
    token      bigint not null default 0,
    taken_by   text not null default '',
    taken_at   timestamptz not null default now()
);

grant select on all tables in schema control to owner, loader, transformer, publisher;
grant insert, update on control.business_day to owner, loader, publisher;
grant insert, update on control.lease to loader, publisher;
