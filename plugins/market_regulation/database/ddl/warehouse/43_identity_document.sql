-- The identity document of a penalised party and the name of its legal representative, read where it landed. It is the one road from landing to
-- private.exchange_part: only the sending role may take it, and nothing else may keep what comes of it (domain 11 A8).
drop function if exists private.identity_document(bigint[], bigint[]);
create function private.identity_document(delivery_ids bigint[], row_nos bigint[])
returns table (
    delivery_id bigint, row_no bigint, party_kind text, representative text, document_kind text, document_number text
)
language plpgsql
stable
strict
security definer
set search_path = pg_catalog
as $$
begin
    return query
    select p.delivery_id, p.row_no, quality.clean_text(p.party_kind), quality.clean_text(p.legal_representative),
        quality.clean_text(p.party_id_type), quality.clean_code(p.party_id_no)
    from landing.amr_penalties as p
    inner join unnest(delivery_ids, row_nos) as wanted (delivery_id, row_no)
        on p.delivery_id = wanted.delivery_id and p.row_no = wanted.row_no
    inner join landing.delivery as d on p.delivery_id = d.delivery_id and p.business_day = d.business_day
    where coalesce(quality.clean_code(p.party_id_no), quality.clean_text(p.legal_representative)) is not null;
end
$$;
alter function private.identity_document owner to ledger_owner;
revoke execute on function private.identity_document from public;
grant execute on function private.identity_document to publisher;
grant usage on schema quality to ledger_owner;
