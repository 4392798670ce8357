-- Grain: version of a fact × metric that counts it, with what it adds above and below the line. A version counts on any
-- known_day with known_from <= known_day < known_to, so the figure of a past day as it was known then is one sum over
-- this view. Branches are plain selects over indexed facts: a filter on day, source_key or delivery reaches each index.
select
    'spot_check_discovery_rate' as metric,
    sampled_on as day,
    authority_region_code as region,
    case conclusion when 'FAIL' then 1 else 0 end::numeric as numerator,
    1::numeric as denominator,
    source_key,
    known_from,
    known_to,
    source_delivery_id,
    source_row_no
from {{ ref('fct_spot_check') }}
where conclusion in ('PASS', 'FAIL') and sampled_on is not null
union all
select
    'inspection_failure_rate' as metric,
    inspected_on as day,
    region_code as region,
    case when conclusion in ('FAIL', 'SCRAP') then 1 else 0 end::numeric as numerator,
    1::numeric as denominator,
    source_key,
    known_from,
    known_to,
    source_delivery_id,
    source_row_no
from {{ ref('fct_inspection') }}
where inspection_type <> 'SELF_TEST' and conclusion is not null and inspected_on is not null
union all
select
    'ccc_check_failure_rate' as metric,
    sampled_on as day,
    registration_region_code as region,
    case when test_conclusion = 'FAIL' or consistency = 'FAIL' then 1 else 0 end::numeric as numerator,
    1::numeric as denominator,
    source_key,
    known_from,
    known_to,
    source_delivery_id,
    source_row_no
from {{ ref('fct_ccc_check') }}
where coalesce(test_conclusion, consistency) is not null and sampled_on is not null
union all
select
    'penalties_decided' as metric,
    decided_on as day,
    authority_region_code as region,
    1::numeric as numerator,
    null::numeric as denominator,
    source_key,
    known_from,
    known_to,
    source_delivery_id,
    source_row_no
from {{ ref('fct_penalty') }}
where decided_on is not null
union all
select
    'fine_sum' as metric,
    decided_on as day,
    authority_region_code as region,
    fine_amount::numeric as numerator,
    null::numeric as denominator,
    source_key,
    known_from,
    known_to,
    source_delivery_id,
    source_row_no
from {{ ref('fct_penalty') }}
where decided_on is not null and fine_amount is not null
union all
select
    'quarantine_rate' as metric,
    business_day as day,
    null::text as region,
    quarantined_rows::numeric as numerator,
    (received_rows - blocked_rows)::numeric as denominator,
    'delivery:' || delivery_id as source_key,
    business_day as known_from,
    'infinity'::date as known_to,
    delivery_id as source_delivery_id,
    null::bigint as source_row_no
from {{ ref('stg_platform__judged_deliveries') }}
