-- Schemas that dbt fills. bi_reader reads marts and nothing else; each model grants itself (dbt `grants`).
create schema if not exists staging authorization transformer;
create schema if not exists intermediate authorization transformer;
create schema if not exists rules authorization transformer;
create schema if not exists reference authorization transformer;
create schema if not exists marts authorization transformer;
grant usage on schema staging, intermediate, rules, reference, marts to owner, publisher;
grant usage on schema marts to bi_reader;
alter default privileges for role transformer in schema marts grant select on tables to owner, publisher;
alter default privileges for role transformer in schema rules grant select on tables to owner, publisher;
alter default privileges for role transformer in schema staging grant select on tables to owner;
alter default privileges for role transformer in schema intermediate grant select on tables to owner;

-- Until fct_verdict became a view it held a copy of every day. dbt would drop such a table for the view; its answers stay.
do $$
begin
    if exists (
        select from pg_class where oid = to_regclass('marts.fct_verdict') and relkind = 'r'
    ) then
        alter table marts.fct_verdict rename to fct_verdict_before_view;
    end if;
end
$$;
