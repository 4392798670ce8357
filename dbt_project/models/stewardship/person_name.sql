-- Grain: current version of a fact about a natural person, with the name that the marts leave out. A view for stewards,
-- who find the person behind a held record or a doubtful subject; nobody else reads it.
select
    'penalty' as fact,
    p.source_key,
    p.party_name,
    p.known_from,
    p.delivery_id as source_delivery_id,
    p.row_no as source_row_no
from {{ ref('int_penalties_versioned') }} as p
where p.party_kind = '自然人' and p.known_to = 'infinity'
union all
select
    'serious_listing' as fact,
    l.source_key,
    l.party_name,
    l.known_from,
    l.delivery_id as source_delivery_id,
    l.row_no as source_row_no
from {{ ref('int_serious_listings_versioned') }} as l
where l.party_kind = '自然人' and l.known_to = 'infinity'
