-- Grain: penalty as known on known_day, with what the public is shown of it (order 45 art. 4): keys, order and form of
-- the values are fixed by disclosure/schemas/administrative_penalty.schema.json. Who may be a minor is read by a person
-- before the public reads of it (domain 3.3).
select
    p.source_key,
    'gsxt' as channel,
    case when p.party_is_of_age is null then 'age_unknown' end as doubt,
    jsonb_build_object(
        'authority_name', p.authority_name,
        'authority_uscc', p.authority_uscc,
        'confiscated_amount', round(p.confiscated_amount, 2)::text,
        'decided_on', p.decided_on::text,
        'document_no', p.document_no,
        'documents', jsonb_build_array(jsonb_build_object(
            'kind', '行政处罚决定书',
            'media_type', coalesce(d.media_type, p.document_media_type),
            'sha256', coalesce(d.sha256_public, p.document_sha256)
        )),
        'fine_amount', round(p.fine_amount, 2)::text,
        'party_kind', p.party_kind,
        'party_name', p.party_name,
        'party_uscc', p.party_uscc,
        'penalty_basis', p.penalty_basis,
        'penalty_content', p.penalty_content,
        'penalty_kinds', p.kinds,
        'procedure', p.procedure,
        'violation_fact', p.violation_fact,
        'violation_type', p.violation_type
    ) as payload
from {{ ref('int_penalties_as_of_day') }} as p
left join {{ ref('int_public_documents_as_of_day') }} as d on p.document_sha256 = d.sha256_served
