-- Grain: one category of spot checks or one class of CCC products that belongs to a key product group, as of the
-- build's day (seed key_product_category). Replaced in one transaction, so that readers never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['code_list', 'product_code'], 'unique': true}],
) }}
select
    r.code_list,
    r.product_code,
    r.key_product,
    r.key_product_name,
    d.valid_day as as_of_day
from {{ ref('int_as_of_day') }} as d
cross join {{ in_force_each('key_product_category', 'd.valid_day', 'true') }} as r
