-- Who reads what. Marts grant themselves (dbt `grants`) and carry their row policy (macro protect_rows); here stand the
-- regions of regional readers and the rights on what dbt does not make.
--
-- A regional reader is a login role that belongs to bi_region_reader and has its regions below. The role that runs the
-- query decides (current_user): a pooled connection may change it by `set role`, if its login itself may read nothing.
-- Without a row here a regional reader sees no row anywhere.
create table if not exists control.region_reader (
    role_name   name not null,
    region_code text not null check (region_code ~ '^[1-9][0-9]{5}$'),
    prefix      text not null generated always as (regexp_replace(region_code, '(00){1,2}$', '')) stored,
    primary key (role_name, region_code)
);
comment on table control.region_reader is 'Regions whose rows a regional reader sees, GB/T 2260; a province or prefecture stands for all below it';
grant select, insert, delete on control.region_reader to owner;

-- What became of abolished codes; nothing is known before dbt built int_region_lineage. Late bound, so that dbt may
-- replace the table. No secret: anybody may know it.
create or replace function control.region_lineage() returns table (region_code text, current_code text)
language plpgsql stable parallel safe security definer
set search_path = pg_catalog
as $$
begin
    if to_regclass('intermediate.int_region_lineage') is not null then
        return query select l.region_code, l.current_code from intermediate.int_region_lineage as l;
    end if;
end
$$;
alter function control.region_lineage owner to transformer;
revoke execute on function control.region_lineage from public;

-- Every code of the reader's regions. One that the lineage knows belongs where its successors lie (to itself without
-- one), wherever its digits point; one that it does not know (a development zone) belongs to its digits.
create or replace view control.readable_region with (security_barrier) as
select l.region_code
from control.region_lineage() as l
inner join control.region_reader as r on starts_with(coalesce(l.current_code, l.region_code), r.prefix)
where r.role_name = current_user
union all
select c.region_code
from (
    select r.prefix || lpad(n.number::text, 6 - length(r.prefix), '0') as region_code
    from control.region_reader as r
    cross join generate_series(0, 9999) as n (number)
    where r.role_name = current_user and n.number < 10 ^ (6 - length(r.prefix))
) as c
where not exists (select from control.region_lineage() as l where l.region_code = c.region_code);
comment on view control.readable_region is 'Division codes whose rows the current role may see; the row policies of the marts ask it';
revoke all on control.readable_region from public;
grant select on control.readable_region to bi_region_reader, transformer;
grant execute on function control.region_lineage to auditor, bi_reader, bi_region_reader, owner, publisher, steward;

-- steward: answers what waits in quarantine and who a held record is about, so it sees the rejected rows as they came
-- and the names that the marts leave out.
create schema if not exists stewardship authorization transformer;
grant usage on schema marts to bi_region_reader, steward, auditor;
grant usage on schema quality, stewardship to steward;
grant select on quality.quarantine, quality.open_quarantine, quality.result, quality.return_file to steward;

-- auditor: follows every publication back to its delivery and the rule it rests on.
grant usage on schema landing, rules, disclosure to auditor;
grant select on landing.delivery to auditor;
grant select on disclosure.record, disclosure.payload, disclosure.chain_head, disclosure.review, disclosure.receipt,
    disclosure.reconciliation to auditor;
grant execute on function disclosure.public_on to auditor;

-- Large objects are a place to write that no grant of a table guards; the platform has none.
revoke execute on function
    pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), pg_catalog.lo_from_bytea(oid, bytea) from public;
