-- Grain: one category of spot checks or one class or code of the CCC catalogue, as of the build's day.
-- Of several codes of a key product group the longest that fits decides. Replaced in one transaction, so that the view
-- on it stays and readers never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['code_list', 'product_code'], 'unique': true}],
) }}
with key_products as (
    select r.*
    from {{ ref('int_as_of_day') }} as d
    cross join {{ in_force_each('key_product_category', 'd.valid_day', 'true') }} as r
)

select
    p.code_list,
    p.product_code,
    p.product_name,
    p.ccc_code,
    left(p.ccc_code, 2) as ccc_class,
    p.compulsory_from,
    k.key_product,
    k.key_product_name,
    d.valid_day as as_of_day,
    p.confidence,
    p.source_note
from {{ ref('int_as_of_day') }} as d
cross join {{ in_force_each('product_category', 'd.valid_day', 'true') }} as p
left join lateral (
    select g.*
    from key_products as g
    where
        g.code_list = p.code_list
        and case p.code_list
            when 'ccc' then starts_with(p.product_code, g.product_code) else p.product_code = g.product_code
        end
    order by length(g.product_code) desc
    limit 1
) as k on true
