-- Two-stage control (order 45 art. 16: 谁办案、谁录入、谁负责): a question is about one payload of one version of a record,
-- who entered the case does not answer it, and what was answered stays, refusals as well as approvals.
alter table disclosure.review
    add column if not exists version integer not null default 1,
    add column if not exists source_delivery_id bigint,
    add column if not exists source_row_no bigint;
comment on column disclosure.review.version is
    'version of the record that was to be made; an approval counts for no other, whatever it shows';
comment on column disclosure.review.source_delivery_id is
    'with source_row_no the landed row of the case, which says who entered it (maker); the name is copied nowhere';
alter table disclosure.review drop constraint if exists review_record_key_payload_sha256_key;
create unique index if not exists review_question on disclosure.review (record_key, payload_sha256, version);

create or replace function disclosure.control_review() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    delivery record;
    maker text;
begin
    if tg_op = 'INSERT' then
        if new.decision is not null then
            raise exception 'review %: a question is asked before it is answered', new.review_id using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if old.decision is not null then
        if (new.decision, new.decided_by, new.decided_on, new.reason)
            is distinct from (old.decision, old.decided_by, old.decided_on, old.reason) then
            raise exception 'review %: a decision stays', new.review_id using errcode = 'check_violation';
        end if;
        return new;
    end if;
    select d.source, d.business_day into delivery from landing.delivery as d where d.delivery_id = new.source_delivery_id;
    if new.decision is not null and to_regclass('landing.' || quote_ident(delivery.source)) is not null then
        execute format(
            'select to_jsonb(l) ->> ''maker'' from landing.%I as l where l.business_day = $1 and l.delivery_id = $2 and l.row_no = $3',
            delivery.source
        ) into maker using delivery.business_day, new.source_delivery_id, new.source_row_no;
        if quality.clean_code(maker) = quality.clean_code(new.decided_by) then
            raise exception 'review %: who entered the case does not decide on it', new.review_id
                using errcode = 'check_violation';
        end if;
    end if;
    return new;
end
$$;
alter function disclosure.control_review owner to ledger_owner;
create or replace trigger control_review before insert or update on disclosure.review
    for each row execute function disclosure.control_review();
