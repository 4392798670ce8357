-- Grain: listing as known on known_day, with what the public is shown of it (domain 11.1): keys, order and form of the
-- values are fixed by disclosure/schemas/gsxt/serious_listing.schema.json. The source carries no identity number, so
-- that the age of a natural person is never known: whoever reviews the listing is told (domain 3.3).
select
    p.source_key,
    'gsxt' as channel,
    case when p.party_kind = '自然人' then 'age_unknown' end as doubt,
    jsonb_build_object(
        'authority_name', p.authority_name,
        'authority_uscc', p.authority_uscc,
        'category', p.category,
        'document_no', p.document_no,
        'listed_on', p.listed_on::text,
        'party_kind', p.party_kind,
        'party_name', p.party_name,
        'party_uscc', p.party_uscc,
        'penalty_document_no', p.penalty_document_no,
        'reason', p.reason,
        'removal_reason', p.removal_reason,
        'removed_on', p.removed_on::text,
        'removing_authority', p.removing_authority
    ) as payload
from {{ ref('int_serious_listings_as_of_day') }} as p
where p.stage <> 'CANDIDATE'
