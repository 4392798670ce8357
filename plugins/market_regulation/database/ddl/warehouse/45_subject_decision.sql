-- Who a party is, where the register alone does not say it: a steward's answer, dated, with its reason, never changed.
-- It serves analysis only. A fact is published under the code that it carries, or not at all.
create or replace function quality.business_day() returns date
language sql stable security definer
set search_path = pg_catalog
as $$ select business_day from control.business_day $$;

create table if not exists quality.subject_decision (
    decision_id bigint generated always as identity primary key,
    fact_kind   text not null,
    source_key  text not null,
    role        text not null,
    party_name  text not null check (btrim(party_name) <> ''),
    uscc        text check (quality.is_uscc(uscc)),
    reason      text not null check (btrim(reason) <> ''),
    decided_by  text not null check (btrim(decided_by) <> ''),
    entered_as  text not null default session_user,
    known_from  date not null default quality.business_day(),
    decided_at  timestamptz not null default now()
);
create index if not exists subject_decision_party on quality.subject_decision (fact_kind, source_key, role);
comment on table quality.subject_decision is
    'Append-only: the newest decision on a party counts from known_from on, as long as the fact still names party_name';
comment on column quality.subject_decision.uscc is
    'Code of the enterprise that the party is; null when the party is none that the register knows';
comment on column quality.subject_decision.known_from is
    'Business day of the decision; nobody can write it, so that no decision is dated back';

revoke all on function quality.business_day() from public;
grant execute on function quality.business_day() to owner, steward;
grant select on quality.subject_decision to owner, steward, transformer;
grant insert (fact_kind, source_key, role, party_name, uscc, reason, decided_by) on quality.subject_decision
    to owner, steward;
