-- What the public may see of the documents that arrived (order 45 arts. 4, 6, 7). Content-addressed, append-only: a served
-- document stays in landing.document, its redacted copy stands here, and the view holds what may leave the building.

-- Copies that differ from the served bytes.
create table if not exists disclosure.redacted_copy (
    sha256     text primary key,
    media_type text not null,
    content    bytea not null,
    check (sha256 = encode(sha256(content), 'hex'))
);

-- One inspection of a served document under one profile. Nothing found: the public hash is the served one (art. 7). What
-- rules cannot decide (needs_review: no text layer, unreadable, a finding that blocks) goes out with a record only after
-- a person has approved that record's payload, which names the document by its public hash.
create table if not exists disclosure.redacted_document (
    sha256_served text not null references landing.document,
    profile       text not null,
    sha256_public text not null,
    media_type    text not null,
    findings      text not null,
    needs_review  boolean not null,
    known_from    date not null,
    inspected_at  timestamptz not null default clock_timestamp(),
    primary key (sha256_served, profile)
);
create index if not exists redacted_document_public on disclosure.redacted_document (sha256_public);
comment on column disclosure.redacted_document.findings is 'kinds found, with blanks between; no values';
comment on column disclosure.redacted_document.profile is 'hash of the redaction rules applied';
comment on column disclosure.redacted_document.known_from is 'business day of the inspection';

-- The documents that a channel may carry, by public hash.
create or replace view disclosure.public_document as
select
    c.sha256,
    c.media_type,
    c.content
from disclosure.redacted_copy as c
union all
select
    d.sha256,
    d.media_type,
    d.content
from landing.document as d
where exists (select from disclosure.redacted_document as r where r.sha256_public = d.sha256 and r.sha256_served = d.sha256);

grant select, insert on disclosure.redacted_copy, disclosure.redacted_document to publisher;
grant select on disclosure.redacted_copy, disclosure.redacted_document, disclosure.public_document
    to owner, publisher, transformer;
alter table disclosure.redacted_copy owner to ledger_owner;
alter table disclosure.redacted_document owner to ledger_owner;
alter view disclosure.public_document owner to ledger_owner;
