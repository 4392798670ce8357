-- Grain: final failed validity-check sample × holder as known on known_day, with what the public is shown of it (domain
-- 11.1): keys, order and form of the values are fixed by disclosure/schemas/gsxt/ccc_validity.schema.json. A restored
-- certificate or a passed re-check (A12) shows as the disposition and its day.
select
    h.source_key,
    'gsxt' as channel,
    jsonb_build_object(
        'body_name', h.body_name,
        'ccc_code', h.ccc_code,
        'certificate_no', h.certificate_no,
        'conclusion', '不合格',
        'disposition', h.disposition,
        'disposition_on', h.disposition_on::text,
        'factory_name', h.factory_name,
        'final_on', f.final_on::text,
        'holder_name', h.holder_name,
        'holder_uscc', h.holder_uscc,
        'model', h.model,
        'product_name', h.product_name,
        'sample_no', h.sample_no,
        'sampled_on', h.sampled_on::text
    ) as payload
from {{ ref('int_ccc_holders_as_of_day') }} as h
inner join {{ ref('int_ccc_holders_finalised') }} as f on h.source_key = f.source_key and f.is_final
