-- Every fact known on the day has exactly one verdict from every rule of its kind: counted here from the facts themselves.
with subjects as (
    select 'penalty' as subject_kind, f.source_key as subject_key, f.decided_on as fact_on, f.known_from, f.known_to
    from {{ ref('fct_penalty') }} as f
    union all
    select 'spot_check_party', f.source_key || '|producer', f.reported_on, f.known_from, f.known_to
    from {{ ref('fct_spot_check') }} as f
    where coalesce(f.producer_name, f.producer_uscc) is not null or coalesce(f.seller_name, f.seller_uscc) is null
    union all
    select 'spot_check_party', f.source_key || '|seller', f.reported_on, f.known_from, f.known_to
    from {{ ref('fct_spot_check') }} as f
    where coalesce(f.seller_name, f.seller_uscc) is not null
    union all
    select 'inspection', f.source_key, f.inspected_on, f.known_from, f.known_to
    from {{ ref('fct_inspection') }} as f
    union all
    select 'ccc_check', f.source_key, f.reported_on, f.known_from, f.known_to
    from {{ ref('fct_ccc_check') }} as f
),

expected as (
    select
        s.subject_key,
        r.rule_id,
        d.valid_day,
        d.known_day
    from subjects as s
    cross join {{ ref('int_as_of_day') }} as d
    inner join {{ ref('int_rules_as_of_day') }} as r on s.subject_kind = r.subject_kind
    where
        s.known_from <= d.known_day
        and d.known_day < s.known_to
        and coalesce(s.fact_on <= d.valid_day, true)
),

given as (
    select v.subject_key, v.rule_id, v.valid_day, v.known_day
    from {{ ref('fct_verdict') }} as v
    inner join {{ ref('int_as_of_day') }} as d on v.valid_day = d.valid_day and v.known_day = d.known_day
)

(select 'lost' as problem, e.* from (table expected except table given) as e)
union all
(select 'not asked for' as problem, g.* from (table given except table expected) as g)
