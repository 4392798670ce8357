-- What the contracts promise of the age of their news; written before each delivery, read by marts.source_freshness.
create table if not exists quality.source_promise (
    source     text primary key,
    title      text not null,
    deadline   time not null,
    warn_days  integer not null,
    error_days integer not null
);
comment on column quality.source_promise.deadline is 'Time of day (Asia/Shanghai) by which a delivery is expected';
comment on column quality.source_promise.warn_days is
    'Calendar days before the business day from which the newest event is old; error_days: far too old';
grant select, insert, update on quality.source_promise to loader;
grant select on quality.source_promise to owner, transformer, publisher;
