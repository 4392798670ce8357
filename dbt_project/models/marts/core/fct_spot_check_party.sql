-- Grain: responsible party (role) of one version of a spot-check sample (生产流通双向追查, domain 4.3).
-- A view: a question by sample, day or delivery reaches the indexes of fct_spot_check, and rows are seen as there.
{{ config(materialized='view') }}
select
    f.source_key || '|' || party.role as party_source_key,
    f.source_key,
    f.sample_no,
    party.role,
    party.name as party_name,
    party.uscc as party_uscc,
    party.region_code as party_region_code,
    {{ region_of_code('party.uscc') }} as party_registration_region_code,
    (
        1.0 / num_nonnulls(coalesce(f.producer_name, f.producer_uscc), coalesce(f.seller_name, f.seller_uscc))
    )::numeric(3, 2) as weight,
    f.product_domain,
    f.product_category,
    f.sampling_field,
    f.sampled_on,
    f.conclusion,
    f.reported_on,
    f.producer_region_code,
    f.seller_region_code,
    f.registration_region_code,
    f.authority_region_code,
    f.known_from,
    f.known_to,
    f.source_delivery_id,
    f.source_row_no
from {{ ref('fct_spot_check') }} as f
cross join
    lateral (
        values
        ('producer', f.producer_name, f.producer_uscc, f.producer_region_code),
        ('seller', f.seller_name, f.seller_uscc, f.seller_region_code)
    ) as party (role, name, uscc, region_code)
where coalesce(party.name, party.uscc) is not null
