-- The life of what was refused: every verdict on a delivery, what went back to the submitter, what came back corrected.

alter table landing.delivery add column if not exists judged_by text;
comment on column landing.delivery.judged_by is
    'Hash of the contract and suite that blocked the delivery; it is judged again under the same number once they differ';
grant update (judged_by, profile, submitter) on landing.delivery to loader;

alter table landing.delivery add column if not exists newest_event date;
comment on column landing.delivery.newest_event is
    'Newest day, up to the business day, in the freshness column of the rows that broke no rule';
grant update (newest_event) on landing.delivery to loader;

-- Every status a delivery ever had, written by the database itself and by nobody else.
create table if not exists landing.delivery_event (
    event_id    bigint generated always as identity primary key,
    delivery_id bigint not null references landing.delivery,
    at          timestamptz not null default now(),
    status      text not null,
    message     text,
    judged_by   text
);
create index if not exists delivery_event_of on landing.delivery_event (delivery_id, event_id);
alter table landing.delivery_event owner to ledger_owner;
grant select on landing.delivery_event to owner, loader, transformer, publisher;

create or replace function landing.note_status() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
begin
    insert into landing.delivery_event (delivery_id, status, message, judged_by)
    values (new.delivery_id, new.status, new.message, new.judged_by);
    return null;
end
$$;
alter function landing.note_status owner to ledger_owner;
revoke execute on function landing.note_status from public;

create or replace trigger note_entry after insert on landing.delivery
for each row when (new.status <> 'loading') execute function landing.note_status();
create or replace trigger note_change after update of status on landing.delivery
for each row when (new.status is distinct from old.status) execute function landing.note_status();

insert into landing.delivery_event (delivery_id, at, status, message)
select d.delivery_id, d.received_at, d.status, d.message
from landing.delivery as d
where d.status <> 'loading' and not exists (select from landing.delivery_event as e where e.delivery_id = d.delivery_id)
order by d.delivery_id;

-- Which rejected row a row of a corrected return file stands for.
create table if not exists landing.correction (
    delivery_id    bigint not null,
    row_no         bigint not null,
    of_delivery_id bigint not null,
    of_row_no      bigint not null,
    primary key (delivery_id, row_no),
    check (of_delivery_id < delivery_id)
);
create index if not exists correction_of on landing.correction (of_delivery_id, of_row_no);
alter table landing.correction owner to ledger_owner;
grant select, insert on landing.correction to loader;
grant select on landing.correction to owner, transformer, publisher;

-- Warnings of a rejected row, for its submitter; they reject nothing.
alter table quality.quarantine add column if not exists warned_ids text[] not null default '{}';
alter table quality.quarantine add column if not exists warnings text[] not null default '{}';

-- A row that its submitter left out of the corrected return file is withdrawn: nobody waits for it any more. It is put
-- right only by a corrected row, and that may still arrive.
alter table quality.quarantine add column if not exists withdrawn_by_delivery_id bigint;
comment on column quality.quarantine.withdrawn_by_delivery_id is
    'Corrected return file that no longer holds the row; a row that was put right or sent again later is not withdrawn';
comment on column quality.quarantine.source_key is
    'Key of the row joined by |, null when it cannot be read; a later good row of that key and profile resolves this one';
create index if not exists quarantine_resolved_by on quality.quarantine (resolved_by_delivery_id)
    where resolved_by_delivery_id is not null;

alter table quality.result add column if not exists reason text;
comment on column quality.result.reason is 'What the rule tells the submitter (Chinese)';

-- What a delivery was answered: its return file, or the notice of its refusal. One line per verdict that asks for one.
create table if not exists quality.return_file (
    event_id    bigint primary key,
    delivery_id bigint not null,
    path        text not null,
    sha256      text not null,
    rows        bigint not null,
    written_at  timestamptz not null default now()
);
create index if not exists return_file_of on quality.return_file (delivery_id);
comment on column quality.return_file.path is 'Relative to the folder of return files, <home>/returns';
grant select, insert on quality.return_file to loader;
grant select on quality.return_file to owner, transformer, publisher;

-- What the contracts say of the people behind a source; written with the return files.
create table if not exists quality.source_owner (
    source          text primary key,
    title           text not null,
    owner           text not null,
    correction_days integer not null
);
comment on column quality.source_owner.correction_days is 'Working days in which a submitter corrects a rejected row';
grant select, insert, update on quality.source_owner to loader;
grant select on quality.source_owner to owner, transformer, publisher;

-- Rejected rows that nobody put right yet and that their submitter has not withdrawn. A row that came back in a
-- corrected return file and was rejected again counts there. Ages count from the delivery's business day to
-- control.business_day.
create or replace view quality.open_quarantine as
with unresolved as (
    select q.delivery_id, q.rule_ids, q.reasons, q.withdrawn_by_delivery_id is not null as withdrawn
    from quality.quarantine as q
    where q.resolved_by_delivery_id is null
      and not exists (
          select from landing.correction as c
          join landing.delivery as later on later.delivery_id = c.delivery_id and later.status = 'loaded'
          where c.of_delivery_id = q.delivery_id and c.of_row_no = q.row_no)
),
open_row as (
    select delivery_id, rule_ids, reasons from unresolved where not withdrawn
),
reason as (
    select o.delivery_id, r.rule_id, r.reason, count(*) as rows
    from open_row as o
    cross join unnest(o.rule_ids, o.reasons) as r (rule_id, reason)
    group by o.delivery_id, r.rule_id, r.reason
),
reasons as (
    select delivery_id, array_agg(format('%s %s ×%s', rule_id, reason, rows) order by rows desc, rule_id) as reasons
    from reason
    group by delivery_id
),
open_delivery as (
    select
        delivery_id,
        count(*) filter (where not withdrawn) as open_rows,
        count(*) filter (where withdrawn) as withdrawn_rows
    from unresolved
    group by delivery_id
)
select
    d.delivery_id,
    d.source,
    d.submitter,
    s.owner,
    d.uri,
    d.business_day,
    o.open_rows,
    r.reasons,
    today.business_day - d.business_day as age_days,
    age.working_days as age_working_days,
    s.correction_days,
    age.working_days > s.correction_days as overdue,
    f.path as return_file,
    f.written_at as returned_at,
    o.withdrawn_rows
from open_delivery as o
join reasons as r using (delivery_id)
join landing.delivery as d using (delivery_id)
cross join control.business_day as today
cross join lateral (
    select count(*) as working_days
    from control.calendar_day as c
    where c.is_working_day and c.calendar_date > d.business_day and c.calendar_date <= today.business_day
) as age
left join quality.source_owner as s on s.source = d.source
left join lateral (
    select w.path, w.written_at from quality.return_file as w
    where w.delivery_id = d.delivery_id order by w.event_id desc limit 1
) as f on true;
comment on view quality.open_quarantine is
    'Deliveries with rejected rows that are not put right: whose they are, why, how old, whether overdue, last return file; beside them how many their submitter withdrew';
grant select on quality.open_quarantine to owner, loader, transformer, publisher;
