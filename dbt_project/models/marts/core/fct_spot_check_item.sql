-- Grain: failed item of one version of a spot-check sample. Numbers are read beside the text, never instead of it, and
-- only where the whole text is one comparator, one number or range, and one unit; else they are null (domain 4.4).
-- A view: a question by sample, day or delivery reaches the indexes of fct_spot_check, and rows are seen as there.
{{ config(materialized='view') }}
with read as (
    select
        f.*,
        e.item_no,
        e.item ->> 'item' as item_name,
        e.item ->> 'limit' as limit_text,
        e.item ->> 'measured' as measured_text,
        {{ quantity_of("(e.item ->> 'limit')") }} as limits,
        {{ quantity_of("(e.item ->> 'measured')") }} as measured
    from {{ ref('fct_spot_check') }} as f
    cross join lateral jsonb_array_elements(f.failed_items) with ordinality as e (item, item_no)
),

parsed as (
    select
        r.*,
        case
            when r.limits[3] is null then replace(replace(r.limits[1], '<=', '≤'), '>=', '≥')
            when r.limits[1] is null and r.limits[2]::numeric(30, 10) < r.limits[3]::numeric(30, 10) then '~'
        end as limit_comparator,
        case
            when r.measured[3] is null then coalesce(replace(replace(r.measured[1], '<=', '≤'), '>=', '≥'), '=')
        end as measured_comparator
    from read as r
),

numbered as (
    select
        p.*,
        case
            when p.limits[3] is null or p.limit_comparator = '~' then trim_scale(p.limits[2]::numeric(30, 10))
        end as limit_number,
        case when p.limit_comparator = '~' then trim_scale(p.limits[3]::numeric(30, 10)) end as limit_number_to,
        case when p.limits[3] is null or p.limit_comparator = '~' then p.limits[4] end as limit_unit,
        case when p.measured[3] is null then trim_scale(p.measured[2]::numeric(30, 10)) end as measured_number,
        case when p.measured[3] is null then p.measured[4] end as measured_unit
    from parsed as p
)

select
    n.source_key,
    n.sample_no,
    n.item_no,
    n.item_name,
    n.limit_text,
    n.limit_comparator,
    n.limit_number,
    n.limit_number_to,
    n.limit_unit,
    n.measured_text,
    case when n.measured_number is not null then n.measured_comparator end as measured_comparator,
    n.measured_number,
    n.measured_unit,
    case
        when n.measured_comparator <> '=' or coalesce(n.limit_unit, '') <> coalesce(n.measured_unit, '') then null
        when n.limit_comparator = '≤' then n.measured_number > n.limit_number
        when n.limit_comparator = '<' then n.measured_number >= n.limit_number
        when n.limit_comparator = '≥' then n.measured_number < n.limit_number
        when n.limit_comparator = '>' then n.measured_number <= n.limit_number
        when n.limit_comparator = '~' then n.measured_number not between n.limit_number and n.limit_number_to
    end as breaks_limit,
    'FAIL' as verdict,
    n.product_domain,
    n.product_category,
    n.standard,
    n.sampled_on,
    n.conclusion,
    n.reported_on,
    n.producer_region_code,
    n.seller_region_code,
    n.registration_region_code,
    n.authority_region_code,
    n.known_from,
    n.known_to,
    n.source_delivery_id,
    n.source_row_no
from numbered as n
