-- Verdicts on rows: every rejected row with every reason, every rule with its counts.
create schema if not exists quality;
grant usage on schema quality to owner, transformer, publisher, ledger_owner;
grant usage, create on schema quality to loader;

create table if not exists quality.quarantine (
    delivery_id             bigint not null,
    source                  text not null,
    row_no                  bigint not null,
    business_day            date not null,
    source_key              text,
    record                  jsonb not null,
    rule_ids                text[] not null check (cardinality(rule_ids) > 0),
    reasons                 text[] not null check (cardinality(reasons) = cardinality(rule_ids)),
    resolved_by_delivery_id bigint,
    quarantined_at          timestamptz not null default now(),
    primary key (delivery_id, row_no)
);
drop index if exists quality.quarantine_open;
create index if not exists quarantine_open_key on quality.quarantine (source, hashtextextended(source_key, 0))
    where resolved_by_delivery_id is null;
comment on column quality.quarantine.source_key is
    'Key of the row joined by |, null when it cannot be read; a later accepted row of that key resolves this one';

create table if not exists quality.result (
    delivery_id      bigint not null,
    rule_id          text not null,
    source           text not null,
    action           text not null check (action in ('quarantine', 'block', 'warn')),
    severity         text not null check (severity in ('critical', 'error', 'warning')),
    evaluated_rows   bigint not null,
    failed_rows      bigint not null,
    gx_failed_rows   bigint,
    verdict          text not null check (verdict in ('pass', 'fail')),
    evaluated_at     timestamptz not null default now(),
    primary key (delivery_id, rule_id)
);

-- What dbt said of each node of each run (run_results.json), compared with the manifest.
create table if not exists quality.dbt_result (
    run_id       text not null,
    node_id      text not null,
    status       text not null,
    failures     bigint,
    execution_s  double precision,
    message      text,
    business_day date not null,
    loaded_at    timestamptz not null default now(),
    primary key (run_id, node_id)
);

grant select, insert, update on quality.quarantine to loader;
grant select, insert, update, delete on quality.result to loader;
grant select, insert, update on quality.dbt_result to loader, transformer;
grant select on all tables in schema quality to owner, transformer, publisher;
alter default privileges for role loader in schema quality grant select on tables to owner, transformer, publisher;
