-- 前置库, inbound side: what other systems put down for the platform to pick up.
create schema if not exists submitted;
grant usage on schema submitted to owner, loader, submitter;

-- 执法办案系统: one row per decision and party; updated_at moves with every change.
create table if not exists submitted.penalty (
    document_no                text not null,
    authority_uscc             text not null,
    party_key                  text not null,
    party_no                   text,
    party_name                 text,
    party_kind                 text,
    party_uscc                 text,
    legal_representative       text,
    party_id_type              text,
    party_id_no                text,
    party_address              text,
    party_region_code          text,
    violation_type             text,
    violation_fact             text,
    penalty_basis              text,
    penalty_kinds              text,
    penalty_content            text,
    fine_amount                text,
    confiscated_amount         text,
    license_revoked            text,
    decided_on                 text,
    served_on                  text,
    service_mode               text,
    publicity_notice_served_on text,
    repair_notice_served_on    text,
    performed_on               text,
    restriction_until          text,
    procedure                  text,
    authority_name             text,
    handling_office            text,
    maker                      text,
    checker                    text,
    document                   bytea,
    document_media_type        text,
    updated_at                 timestamptz not null default now(),
    primary key (document_no, authority_uscc, party_key)
);
-- 行政相对人代码_2, 处罚有效期 and 公示截止期 of 发改办财金〔2018〕424号.
alter table submitted.penalty
    add column if not exists party_registration_no text,
    add column if not exists valid_until text,
    add column if not exists publicity_until text,
    add column if not exists related_check_no text;
comment on column submitted.penalty.related_check_no is '案件来源: number of the sample or check that led to the case';
create index if not exists penalty_updated on submitted.penalty (updated_at);
comment on column submitted.penalty.fine_amount is '罚款金额（万元）, as in 发改办财金〔2018〕424号';

-- Append-only: what happened to a case after it was recorded.
create table if not exists submitted.case_event (
    event_id    text primary key,
    source_key  text not null,
    event_type  text not null,
    event_on    text not null,
    document_no text,
    recorded_on timestamptz not null default now()
);
create index if not exists case_event_recorded on submitted.case_event (recorded_on);
grant select on all tables in schema submitted to owner, loader;
grant select, insert, update on submitted.penalty to submitter;
grant select, insert on submitted.case_event to submitter;
