-- Every fact known on the day has exactly one verdict from every rule of its kind: counted from the facts themselves.
-- Of inspections those that came lately; the verdicts on the others have not changed.
with subjects as (
    select
        'penalty' as subject_kind,
        f.source_key as subject_key,
        f.decided_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_penalty') }} as f
    union all
    select
        'spot_check_party' as subject_kind,
        f.source_key || '|producer' as subject_key,
        f.reported_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_spot_check') }} as f
    where coalesce(f.producer_name, f.producer_uscc) is not null or coalesce(f.seller_name, f.seller_uscc) is null
    union all
    select
        'spot_check_party' as subject_kind,
        f.source_key || '|seller' as subject_key,
        f.reported_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_spot_check') }} as f
    where coalesce(f.seller_name, f.seller_uscc) is not null
    union all
    select
        'inspection' as subject_kind,
        f.source_key as subject_key,
        f.inspected_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_inspection') }} as f
    where f.source_delivery_id in ({{ new_deliveries() | join(', ') }})
    union all
    select
        'ccc_check' as subject_kind,
        f.source_key as subject_key,
        f.reported_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_ccc_check') }} as f
    union all
    select
        'serious_listing' as subject_kind,
        f.source_key as subject_key,
        f.listed_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_serious_listing') }} as f
    union all
    select
        'ccc_holder' as subject_kind,
        f.source_key as subject_key,
        f.reported_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_ccc_check') }} as f
    union all
    select
        'supervision_check' as subject_kind,
        f.source_key as subject_key,
        f.reported_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_supervision_check') }} as f
    union all
    select
        'other_dept_penalty' as subject_kind,
        f.source_key as subject_key,
        f.decided_on as fact_on,
        f.known_from,
        f.known_to
    from {{ ref('fct_other_dept_penalty') }} as f
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
    where v.subject_kind <> 'inspection' or v.source_delivery_id in ({{ new_deliveries() | join(', ') }})
)

select
    coalesce(e.subject_key, g.subject_key) as subject_key,
    coalesce(e.rule_id, g.rule_id) as rule_id,
    case when g.subject_key is null then 'lost' else 'not asked for' end as problem
from expected as e
full join given as g
    on
        e.subject_key = g.subject_key
        and e.rule_id = g.rule_id
        and e.valid_day = g.valid_day
        and e.known_day = g.known_day
where e.subject_key is null or g.subject_key is null
