-- Grain: enterprise × key product group × what it does (production or sale): 重点工业产品生产销售单位数据库, as spot checks, CCC
-- certificates and validity checks tell of it. A view over the events; of several codes the longest that fits decides.
{{ config(materialized='view') }}
with seen as (
    select
        e.uscc,
        e.region_code,
        p.key_product,
        p.key_product_name,
        case e.role when 'seller' then 'sale' else 'production' end as business,
        e.fact_kind,
        e.source_key,
        e.event_on,
        e.state,
        e.closed_on,
        e.indicator = 'failed_sample' and e.annulled_on is null as is_failed_sample
    from {{ ref('credit_archive_event') }} as e
    cross join
        lateral (
            select k.*
            from {{ ref('dim_product_category') }} as k
            where
                k.key_product is not null
                and case e.fact_kind
                    when 'spot_check' then k.code_list = 'spot_check' and e.product_code = k.product_code
                    else k.code_list = 'ccc' and starts_with(e.product_code, k.product_code)
                end
            order by length(k.product_code) desc
            limit 1
        ) as p
    where e.uscc is not null
)

select
    s.uscc,
    s.key_product,
    s.key_product_name,
    s.business,
    min(s.event_on) as first_seen_on,
    max(s.event_on) as last_seen_on,
    count(distinct s.source_key) filter (where s.fact_kind = 'spot_check') as samples,
    count(distinct s.source_key) filter (where s.is_failed_sample) as failed_samples,
    count(distinct s.source_key) filter (
        where s.fact_kind = 'certificate' and s.state = 'VALID' and s.closed_on is null
    ) as certificates_valid,
    min(s.region_code) as region_code
from seen as s
group by s.uscc, s.key_product, s.key_product_name, s.business
