-- Grain: one enterprise with obligations to publish as of the build: those whose party the resolver found to be it, and
-- what the public sees under its code. Replaced in one transaction, as disclosure_due and its like are.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['uscc'], 'unique': true}],
) }}
with obligations as (
    select 'due' as standing, d.record_id, d.record_type, d.source_key from {{ ref('disclosure_due') }} as d
    union all
    select 'held' as standing, h.record_id, h.record_type, h.source_key from {{ ref('disclosure_held') }} as h
    union all
    select 'ended' as standing, e.record_id, e.record_type, e.source_key from {{ ref('disclosure_ended') }} as e
),

keyed as (
    select
        o.standing,
        o.record_id,
        case o.record_type
            when 'administrative_penalty' then 'penalty'
            when 'ccc_validity' then 'ccc_check'
            when 'other_check' then 'supervision_check'
            else o.record_type
        end as fact_kind,
        regexp_replace(o.source_key, '\|(producer|seller)$', '') as source_key,
        case
            when o.record_type = 'spot_check' then substring(o.source_key from '\|(producer|seller)$')
            when o.record_type = 'ccc_validity' then 'holder'
            else 'party'
        end as role
    from obligations as o
),

found as (
    select distinct
        r.resolved_uscc as uscc,
        k.standing,
        k.record_id
    from keyed as k
    inner join {{ ref('subject_resolution') }} as r
        on k.fact_kind = r.fact_kind and k.source_key = r.source_key and k.role = r.role
    where r.known_to = 'infinity' and r.resolved_uscc is not null
    union all
    select
        p.uscc,
        'public' as standing,
        p.record_id
    from {{ ref('disclosure_public') }} as p
    where p.uscc is not null
)

select
    f.uscc,
    count(*) filter (where f.standing = 'due') as records_due,
    count(*) filter (where f.standing = 'held') as records_held,
    count(*) filter (where f.standing = 'ended') as records_ended,
    count(*) filter (where f.standing = 'public') as records_public,
    {{ region_of_code('f.uscc') }} as region_code
from found as f
group by f.uscc
